// What collections and aliases are called. A generation's two collections are asked by their aliases, so that a
// restored copy takes the place of both at once:
//
//   twinframe_main_frames        alias of  twinframe_main_frames_1
//   twinframe_main_references    alias of  twinframe_main_references_1
//   twinframe__live_frames       alias of the live generation's, and so __live_references
//   twinframe__snapshots         collection: what snapshots there are
//   twinframe__backends          collection: which backends are at work

export type Part = "frames" | "references";
export const PARTS: readonly Part[] = ["frames", "references"];
export const FIRST_REVISION = "1";

export const aliasOf = (prefix: string, generation: string, part: Part) => `${prefix}_${generation}_${part}`;
export const collectionOf = (prefix: string, generation: string, part: Part, revision: string) =>
  `${aliasOf(prefix, generation, part)}_${revision}`;
/** No generation's name: those do not start with `_`. */
export const liveAliasOf = (prefix: string, part: Part) => `${prefix}__live_${part}`;
export const backendsOf = (prefix: string) => `${prefix}__backends`;
export const snapshotCatalogueOf = (prefix: string) => `${prefix}__snapshots`;

/** The generation that an alias of the references belongs to; null for any other alias. */
export function generationOfAlias(prefix: string, alias: string): string | null {
  const match = /^([a-z0-9][a-z0-9-]*)_references$/.exec(
    alias.startsWith(`${prefix}_`) ? alias.slice(prefix.length + 1) : "",
  );
  return match?.[1] ?? null;
}

/** The parts of a collection's name; null when it is none of a generation's. */
export function partsOfCollection(
  prefix: string,
  collection: string,
): { generation: string; part: Part; revision: string } | null {
  const rest = collection.startsWith(`${prefix}_`) ? collection.slice(prefix.length + 1) : "";
  const match = /^([a-z0-9][a-z0-9-]*)_(frames|references)_([a-z0-9]+)$/.exec(rest);
  if (!match) return null;
  return { generation: match[1] as string, part: match[2] as Part, revision: match[3] as string };
}
