// The index's entries in the form in which the edge compares them with its own rows.

import type { EntryLookUp, EntryPage, IndexEntry } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import type { EntryPosition, ReferenceRecord } from "../index/reference-record.ts";
import type { IndexAdmin, IndexReader } from "../index/vector-index.ts";
import { libraryKey, namesOfKey } from "../pipeline/library-key.ts";

const positionSchema = z.tuple([z.string().max(200), z.string().max(400)]);

const cursorOf = ({ library, id }: EntryPosition) =>
  Buffer.from(JSON.stringify([library, id])).toString("base64url");

/** Throws `invalid_request` for a cursor that no page has given. */
export function positionOf(after: string): EntryPosition {
  try {
    const [library, id] = positionSchema.parse(JSON.parse(Buffer.from(after, "base64url").toString()));
    return { library, id };
  } catch (cause) {
    throw new ProblemError("invalid_request", "Give `after` as `next` of the page before.", { cause });
  }
}

const toIndexEntry = ({ library, id, jobId, sha256, availability }: ReferenceRecord): IndexEntry => ({
  ...namesOfKey(library),
  id,
  job_id: jobId,
  sha256,
  availability,
});

export async function entryPage(
  index: Pick<IndexAdmin, "listReferences">,
  after: EntryPosition | null,
  limit: number,
): Promise<EntryPage> {
  const listed = await index.listReferences(after, limit);
  const last = listed.length < limit ? undefined : listed.at(-1);
  return {
    entries: listed.map((reference) => ({ ...toIndexEntry(reference), frames: reference.frames })),
    next: last ? cursorOf(last) : null,
  };
}

/** Look-ups at once: of a server, each is a request of its own. */
const AT_ONCE = 16;

/** One entry a key, in the keys' order; null where there is none. */
export async function lookUpEntries(
  index: Pick<IndexReader, "getReference">,
  keys: EntryLookUp["keys"],
): Promise<(IndexEntry | null)[]> {
  const found: (IndexEntry | null)[] = [];
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const some = keys.slice(from, from + AT_ONCE);
    const records = await Promise.all(
      some.map(({ tenant, library, id }) => index.getReference(libraryKey(tenant, library), id)),
    );
    found.push(...records.map((record) => record && toIndexEntry(record)));
  }
  return found;
}
