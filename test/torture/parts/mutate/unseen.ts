// Whether what was taken for whole was seen whole, by the numbers in the pictures.

import type { ShownPicture } from "./lenient-player.ts";
import { readCells } from "./numbered-pictures.ts";

/** Frames are sampled twice a second at least, and stand for what is near. */
const NEAR_S = 0.8;
/** The same picture decoded twice differs by less, in brightness. */
const SAME = 6;
const MOST_UNSEEN_S = 2;
const MOST_UNSEEN_SHARE = 0.02;
/** One picture and a half. */
const LEAST_S = 0.15;

const isSame = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, brightness, i) => sum + Math.abs(brightness - b[i]!), 0) < SAME * a.length;
const seconds = (pictures: readonly ShownPicture[]) => pictures.reduce((sum, { shownS }) => sum + shownS, 0);

/**
 * One sentence, or null when enough was seen. `shown` is what a lenient player shows, stream by stream; `seen` the cells
 * of all frames that were looked at. A picture counts when it can be read; one that damage made unreadable was looked
 * at as well, and so was what is near it.
 */
export function unseenOf(shown: readonly ShownPicture[][], seen: readonly number[][]): string | null {
  const unseen = shown.flatMap((stream) => {
    const looked = stream.filter(({ cells }) => seen.some((one) => isSame(one, cells))).map(({ atS }) => atS);
    return readable(stream).filter(({ atS }) => !looked.some((at) => Math.abs(at - atS) <= NEAR_S));
  });
  const [unseenS, shownS] = [seconds(unseen), seconds(shown.flatMap(readable))];
  const tolerated = Math.min(MOST_UNSEEN_S, Math.max(LEAST_S, MOST_UNSEEN_SHARE * shownS));
  if (unseenS < tolerated) return null;
  const [from, to] = [unseen[0]!, unseen.at(-1)!].map(({ cells }) => readCells(cells));
  return (
    `taken for whole, but ${unseenS.toFixed(1)} of ${shownS.toFixed(1)} s that can be played were not seen: ` +
    `pictures ${from?.variant}/${from?.number} to ${to?.variant}/${to?.number}`
  );
}

const readable = (stream: readonly ShownPicture[]) => stream.filter(({ cells }) => readCells(cells) !== null);
