// The references of a library most like a video.

import { type FoundReference, MAX_EXCLUDED } from "@twinframe/shared/contract";
import { takesPart } from "../references/ready.ts";
import type { Services } from "../services.ts";
import { disabledIds } from "../stores/reference-availability.ts";
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
  const { results } = await disabledIds(services.bindings.DB, asking.tenant, library, MAX_EXCLUDED).all<{
    id: string;
  }>();
  const exclude = results.map(({ id }) => id);
  const { found } = await answered<"search">(services, asking, [query], ([subject]) => ({
    question: {
      ...{ kind: "search", library, query: subject!, size: size + SPARE },
      ...(exclude.length > 0 ? { exclude } : {}),
    },
    identity: [library, size, exclude],
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
