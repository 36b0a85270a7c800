// The references of a library most like a video.

import type { FoundReference } from "@twinframe/shared/contract";
import { takesPart } from "../references/ready.ts";
import { tellIndex } from "../references/tell-index.ts";
import type { Services } from "../services.ts";
import { expectationView, readExpectation } from "../stores/index-expectation.ts";
import { findReferences } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { type Asking, answered } from "./answered.ts";
import type { AskedVideo } from "./subject.ts";

export interface SearchRequest extends Asking {
  library: string;
  size: number;
  query: AskedVideo;
}

/** Asked for beyond the size, in place of what is deleted or disabled meanwhile. */
const SPARE = 15;

/** Best first. */
export async function search(
  services: Services,
  { library, size, query, ...asking }: SearchRequest,
): Promise<{ found: FoundReference; row: ReferenceRow }[]> {
  const read = () => readExpectation(services.bindings.DB, asking.tenant, library);
  let expects = await read();
  if (expects.untold) {
    await tellIndex(services, asking.tenant, library);
    expects = await read();
  }
  const { found } = await answered<"search">(services, asking, [query], ([subject]) => ({
    question: { kind: "search", library, query: subject!, size: size + SPARE },
    // With the epoch, since what was disabled meanwhile is left out.
    identity: [library, size, expects.epoch],
    index: expectationView(expects),
  }));
  const ids = found.map(({ reference_id }) => reference_id);
  const rows = await findReferences(services.bindings.DB, asking.tenant, library, ids);
  return found
    .flatMap((entry) => {
      const row = rows.get(entry.reference_id);
      return takesPart(row) ? [{ found: entry, row }] : [];
    })
    .slice(0, size);
}
