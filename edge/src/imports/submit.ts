import { newId } from "@twinframe/shared/ids";
import { logFailure } from "../observe/log.ts";
import { currentTraceparent } from "../observe/operation.ts";
import type { Services } from "../services.ts";
import { type NewImportLine, saveImport } from "../stores/imports.ts";
import { type ReadLine, shownUrl } from "./read-lines.ts";

const rowOf = (read: ReadLine): NewImportLine =>
  "problem" in read
    ? {
        ...{ line: read.line, status: "failed", source_url: null, url: read.url, reference_id: null },
        ...{ metadata: "{}", problem: JSON.stringify(read.problem) },
      }
    : {
        ...{ line: read.line, status: "queued", source_url: read.entry.url, url: shownUrl(read.entry.url) },
        ...{
          reference_id: read.entry.id ?? null,
          metadata: JSON.stringify(read.entry.metadata),
          problem: null,
        },
      };

/** Writes the job down, then has it begun; its id. */
export async function submitImport(
  { bindings }: Services,
  tenant: string,
  library: string,
  lines: readonly ReadLine[],
): Promise<string> {
  const id = newId("imp");
  const row = { id, tenant, library, total: lines.length };
  await saveImport(bindings.DB, row, lines.map(rowOf), new Date().toISOString());
  // A message lost here is made up for by the sweeper.
  await bindings.JOBS.send({
    type: "import",
    import_id: id,
    turn: 0,
    traceparent: currentTraceparent(),
  }).catch((error) =>
    logFailure("an import could not be begun; the sweeper takes it up", { import_id: id }, error),
  );
  return id;
}
