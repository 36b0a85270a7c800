// Edit lists that show the copy in ways that are seldom met.

import { readFileSync, writeFileSync } from "node:fs";
import { boxesAt, type Edit, parseBoxes, setEdits, writeBoxes } from "../../../files/iso-boxes.ts";
import type { Making, Trick } from "../trick.ts";

/** `edits` gets the movie's and the media's units a second. */
async function withEdits(
  making: Making,
  file: string,
  edits: (movie: number, media: number) => Edit[],
): Promise<string> {
  const boxes = parseBoxes(readFileSync(file));
  const movie = boxesAt(boxes, "moov/mvhd")[0]!.body.readUInt32BE(12);
  for (const track of boxesAt(boxes, "moov/trak")) {
    const media = boxesAt([track], "trak/mdia/mdhd")[0]!.body.readUInt32BE(12);
    setEdits(track, edits(movie, media));
  }
  const out = making.path("query.mp4");
  writeFileSync(out, writeBoxes(boxes));
  return out;
}

const edited = (kind: string, edits: (movie: number, media: number, making: Making) => Edit[]): Trick => ({
  kind,
  make: async (making) =>
    withEdits(making, await making.copy(), (movie, media) => edits(movie, media, making)),
});

/** The decoy's 8 seconds, then the copy's, in one track. */
async function decoyThenCopy(making: Making): Promise<string> {
  const list = making.path("list.txt");
  writeFileSync(list, `file '${await making.decoy()}'\nfile '${await making.copy()}'\n`);
  const joined = making.path("joined.mp4");
  await making.ffmpeg(["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", joined]);
  return joined;
}

const joinedThen = (kind: string, edits: (movie: number, media: number) => Edit[]): Trick => ({
  kind,
  make: async (making) => withEdits(making, await decoyThenCopy(making), edits),
});

export const editLists: Trick[] = [
  edited("edit list: an hour of nothing first", (movie) => [
    { duration: 3600 * movie, mediaTime: -1 },
    { duration: 8 * movie, mediaTime: 0 },
  ]),
  edited("edit list: three times", (movie) =>
    [0, 0, 0].map((mediaTime) => ({ duration: 8 * movie, mediaTime })),
  ),
  edited("edit list: parts in another order", (movie, media) =>
    [4, 0, 6, 2].map((from) => ({ duration: 2 * movie, mediaTime: from * media })),
  ),
  edited("edit list: eighty parts", (movie, media) =>
    Array.from({ length: 80 }, (_, i) => ({ duration: movie / 10, mediaTime: Math.round((i * media) / 10) })),
  ),
  edited("edit list: a speed that players pass over", (movie, _, { random }) => [
    { duration: 8 * movie, mediaTime: 0, rate: Math.floor(random() * 5) * 0x8000 },
  ]),
  edited("edit list: an edit of no duration", (movie) => [
    { duration: 0, mediaTime: 0 },
    { duration: 8 * movie, mediaTime: 0 },
  ]),
  edited("edit list: an edit beyond the end first", (movie, media) => [
    { duration: movie, mediaTime: 1000 * media },
    { duration: 8 * movie, mediaTime: 0 },
  ]),
  edited("edit list: gaps between", (movie, media) =>
    [0, 2, 4, 6].flatMap((from) => [
      { duration: 2 * movie, mediaTime: from * media },
      { duration: 30 * movie, mediaTime: -1 },
    ]),
  ),
  joinedThen("edit list: begins after the decoy", (movie, media) => [
    { duration: 8 * movie, mediaTime: 8 * media },
  ]),
  joinedThen("edit list: one picture of the decoy, then the copy", (movie, media) => [
    { duration: Math.round(movie / 25), mediaTime: 0 },
    { duration: 8 * movie, mediaTime: 8 * media },
  ]),
  joinedThen("edit list: both, the copy first", (movie, media) => [
    { duration: 8 * movie, mediaTime: 8 * media },
    { duration: 8 * movie, mediaTime: 0 },
  ]),
];
