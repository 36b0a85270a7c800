// What the changes of all formats share: a number that is not true, a list that is not in order.

import { between, pick } from "../../../files/random-choice.ts";
import type { Change } from "./bytes.ts";

/** A number that some reader will not expect. */
export function lie(random: () => number, value: number): number {
  const factor = pick(random, [0, 0.001, 0.01, 0.1, 0.5, 0.9, 1.1, 2, 10, 100, 1000, -1]);
  if (factor === -1) return pick(random, [0, 1, 0x7fffffff, 0xffffffff, 0x80000000]);
  return Math.min(0xffffffff, Math.round(value * factor));
}

/** Drops, repeats, exchanges or moves some of a list. */
export function disordered<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let times = between(random, 1, 4); times > 0 && out.length > 1; times--) {
    const [a, b] = [Math.floor(random() * out.length), Math.floor(random() * out.length)];
    const how = pick(random, ["drop", "repeat", "exchange", "move"] as const);
    if (how === "drop") out.splice(a, 1);
    if (how === "repeat") out.splice(b, 0, out[a]!);
    if (how === "exchange") [out[a], out[b]] = [out[b]!, out[a]!];
    if (how === "move") out.splice(b, 0, ...out.splice(a, 1));
  }
  return out;
}

/** Packets or pages of a kind that can be told apart by their first bytes. */
export function pieces(bytes: Buffer, start: Buffer): Buffer[] {
  const at: number[] = [];
  for (let from = bytes.indexOf(start); from >= 0; from = bytes.indexOf(start, from + start.length))
    at.push(from);
  return at.map((from, i) => bytes.subarray(from, at[i + 1] ?? bytes.length));
}

export const inDisorder =
  (start: Buffer): Change =>
  ({ bytes, random }) =>
    Buffer.concat(disordered(pieces(bytes, start), random));
