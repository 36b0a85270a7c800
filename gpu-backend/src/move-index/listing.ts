// Whole listings of an index, and what makes two entries the same.

import type { EntryPosition, ListedReference } from "../index/reference-record.ts";
import type { IndexAdmin } from "../index/vector-index.ts";

const PAGE = 500;

type ListedIndex = Pick<IndexAdmin, "listReferences">;

export const keyOf = ({ library, id }: EntryPosition) => `${library}/${id}`;

/** All that is listed of an entry but its library and id. */
export function contentOf({ library: _library, id: _id, ...rest }: ListedReference): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function* pagesOf(index: ListedIndex): AsyncGenerator<ListedReference[]> {
  for (let after: EntryPosition | null = null; ; ) {
    const page = await index.listReferences(after, PAGE);
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = { library: last.library, id: last.id };
  }
}

/** Key → content of every entry. */
export async function listingOf(index: ListedIndex): Promise<Map<string, string>> {
  const listing = new Map<string, string>();
  for await (const page of pagesOf(index))
    for (const entry of page) listing.set(keyOf(entry), contentOf(entry));
  return listing;
}
