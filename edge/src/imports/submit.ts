import { newId } from "@twinframe/shared/ids";
import { tooMuchAtOnce } from "../auth/places.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { currentTraceparent } from "../platform/telemetry/operation.ts";
import { type ReadLine, shownUrl } from "./read-lines.ts";
import { type NewImportLine, saveImport } from "./store/imports.ts";

const rowOf = (read: ReadLine): NewImportLine =>
  "problem" in read
    ? {
        line: read.line,
        status: "failed",
        source_url: null,
        url: read.url,
        reference_id: null,
        metadata: "{}",
        problem: JSON.stringify(read.problem),
      }
    : {
        line: read.line,
        status: "queued",
        source_url: read.entry.url,
        url: shownUrl(read.entry.url),
        reference_id: read.entry.id ?? null,
        metadata: JSON.stringify(read.entry.metadata),
        problem: null,
      };

export interface ImportSubmission {
  tenant: string;
  /** The key that the lines are counted with. */
  keyId: string;
  library: string;
  lines: readonly ReadLine[];
  /** Of the file. */
  bytes: number;
}

const MIB = 1024 * 1024;
const RETRY_AFTER_S = 60;

/** Writes the job down, then has it begun; its id. Problem: `too_much_at_once`. */
export async function submitImport(
  { bindings, config }: RequestContext,
  { tenant, keyId, library, lines, bytes }: ImportSubmission,
): Promise<string> {
  const id = newId("imp");
  const row = { id, tenant, library, bytes, total: lines.length, key_id: keyId };
  const room = config.tenantLimits;
  if (!(await saveImport(bindings.DB, row, lines.map(rowOf), room, new Date().toISOString()))) {
    const all = `${room.openImports} imports open, or ${Math.floor(room.importBytes / MIB)} MiB of them with this one`;
    throw tooMuchAtOnce(all, RETRY_AFTER_S);
  }
  // A message lost here is made up for by the sweeper.
  await bindings.JOBS.send({
    type: "import",
    import_id: id,
    tenant,
    turn: 0,
    traceparent: currentTraceparent(),
  }).catch((error) =>
    logFailure("an import could not be begun; the sweeper takes it up", { import_id: id }, error),
  );
  return id;
}
