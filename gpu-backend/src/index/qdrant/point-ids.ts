// Ids of points, all derived from their content: two processes that write the same write it to the same point.
//
//   reference   128 bits of SHA-256(library, id)
//   state       128 bits of SHA-256(its name)
//   entry       104 bits of SHA-256(library, id, content, entry that it replaces)
//   frame       its entry, then its number in 24 bits
//
// A hit's id therefore holds its entry and its frame: hits carry no payload.

import { createHash } from "node:crypto";

export const MOST_FRAMES = 2 ** 24;
const ENTRY_HEX_DIGITS = 26;
/** With the dashes between them. */
const ENTRY_UUID_CHARACTERS = 30;

function hashOf(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex");
}

const uuidOf = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;

export const statePointOf = (...what: string[]) => uuidOf(hashOf(["state", ...what]));
export const referencePointOf = (library: string, id: string) => uuidOf(hashOf(["reference", library, id]));

/**
 * `replaced` is the entry or tombstone that was there before, or "". With it in the key an entry that comes back
 * after it was deleted is not written over frames that are just being removed.
 */
export const entryKeyOf = (library: string, id: string, content: string, replaced: string) =>
  hashOf(["entry", library, id, content, replaced]).slice(0, ENTRY_HEX_DIGITS);

export const framePointOf = (entry: string, frame: number) =>
  uuidOf(entry + frame.toString(16).padStart(6, "0"));

/** Of a frame's point: its entry, still with the dashes, and its number. */
export const prefixOfPoint = (point: string) => point.slice(0, ENTRY_UUID_CHARACTERS);
export const frameOfPoint = (point: string) => Number.parseInt(point.slice(ENTRY_UUID_CHARACTERS), 16);
export const entryOfPrefix = (prefix: string) => prefix.replaceAll("-", "");

/** The id behind this one in the order in which the server lists points; null behind the last. */
export function pointAfter(point: string): string | null {
  const next = BigInt(`0x${point.replaceAll("-", "")}`) + 1n;
  return next >> 128n ? null : uuidOf(next.toString(16).padStart(32, "0"));
}

/** Of what a reference holds, so that the same upload is recognised. */
export const contentOf = (record: readonly (string | number)[], track: Uint8Array) =>
  createHash("sha256").update(JSON.stringify(record)).update(track).digest("hex").slice(0, 32);
