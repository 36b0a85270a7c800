// Whether what was taken for whole was seen whole, by the numbers in the pictures.

import type { ShownPicture } from "./lenient-player.ts";
import type { ReadPicture } from "./numbered-pictures.ts";

/** Frames are sampled twice a second and stand for what is near: 8 pictures are .8 s. */
const NEAR = 8;
const MOST_UNSEEN_S = 2;
const MOST_UNSEEN_SHARE = 0.02;
/** One picture and a half. */
const LEAST_S = 0.15;

/** One sentence, or null when enough was seen. */
export function unseenOf(shown: readonly ShownPicture[], seen: readonly ReadPicture[]): string | null {
  const isSeen = ({ number, variant }: ReadPicture) =>
    seen.some((one) => one.variant === variant && Math.abs(one.number - number) <= NEAR);
  const seconds = (pictures: readonly ShownPicture[]) =>
    pictures.reduce((sum, { shownS }) => sum + shownS, 0);
  const unseen = shown.filter((picture) => !isSeen(picture));
  const [unseenS, shownS] = [seconds(unseen), seconds(shown)];
  const tolerated = Math.min(MOST_UNSEEN_S, Math.max(LEAST_S, MOST_UNSEEN_SHARE * shownS));
  if (unseenS < tolerated) return null;
  const numbers = unseen.map(({ number, variant }) => `${variant}/${number}`);
  return (
    `taken for whole, but ${unseenS.toFixed(1)} of ${shownS.toFixed(1)} s that can be played were not seen: ` +
    `pictures ${numbers[0]} to ${numbers.at(-1)}`
  );
}
