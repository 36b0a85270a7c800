// The references of a library most like a video.

import type { FoundReference } from "@twinframe/shared/contract";
import { expectationView, readExpectation } from "../backend-client/store/index-expectation.ts";
import type { RequestContext } from "../platform/request-context.ts";
import type { ReferenceRow } from "../references/index.ts";
import { findReferences, takesPart, tellIndex } from "../references/index.ts";
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
  context: RequestContext,
  { library, size, query, ...asking }: SearchRequest,
): Promise<{ found: FoundReference; row: ReferenceRow }[]> {
  const read = () => readExpectation(context.bindings.DB, asking.tenant, library);
  let expects = await read();
  if (expects.untold) {
    await tellIndex(context, asking.tenant, library);
    expects = await read();
  }
  const { found } = await answered<"search">(context, asking, [query], ([subject]) => ({
    question: { kind: "search", library, query: subject!, size: size + SPARE },
    // With the epoch, since what was disabled meanwhile is left out.
    identity: [library, size, expects.epoch],
    index: expectationView(expects),
  }));
  const ids = found.map(({ reference_id }) => reference_id);
  const rows = await findReferences(context.bindings.DB, asking.tenant, library, ids);
  return found
    .flatMap((entry) => {
      const row = rows.get(entry.reference_id);
      return takesPart(row) ? [{ found: entry, row }] : [];
    })
    .slice(0, size);
}
