// More streams than one: the copy is not the one that is looked at first.

import { readFileSync, writeFileSync } from "node:fs";
import {
  element,
  elementsAt,
  ID,
  parseElements,
  setElement,
  uint,
  withoutPositions,
  writeElements,
} from "../../../files/ebml.ts";
import { box, boxesAt, parseBoxes, words, writeBoxes } from "../../../files/iso-boxes.ts";
import type { Encoding } from "../clips.ts";
import type { Making, Trick } from "../trick.ts";
import { MPEG2, MPEG4, VP9 } from "./encodings.ts";

/** Streams one after the other; `options` say which is the default. */
async function streams(
  making: Making,
  extension: string,
  files: string[],
  options: string[] = [],
): Promise<string> {
  const out = making.path(`query.${extension}`);
  const inputs = files.flatMap((file) => ["-i", file]);
  await making.ffmpeg([
    ...inputs,
    ...files.flatMap((_, i) => ["-map", `${i}:v`]),
    "-c",
    "copy",
    ...options,
    out,
  ]);
  return out;
}

const behind = (
  kind: string,
  extension: string,
  decoys: number,
  how: Encoding,
  options: string[] = [],
): Trick => ({
  kind,
  make: async (making) => {
    const hiding = await Promise.all(
      Array.from({ length: decoys }, (_, i) => making.decoy({ ...how, seconds: 8 - (i % 3) })),
    );
    return streams(making, extension, [...hiding, await making.copy(how)], options);
  },
});
const isDefault = (stream: number, of: number) =>
  Array.from({ length: of }, (_, i) => [`-disposition:v:${i}`, i === stream ? "default" : "0"]).flat();

async function changed(making: Making, file: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const out = making.path(`changed.${file.split(".").at(-1)}`);
  writeFileSync(out, change(readFileSync(file)));
  return out;
}

export const tracks: Trick[] = [
  behind("mp4: second stream, the default one", "mp4", 1, {}, isDefault(1, 2)),
  behind("mp4: second stream, not the default one", "mp4", 1, {}, isDefault(0, 2)),
  behind("mkv: second stream, the default one", "mkv", 1, {}, isDefault(1, 2)),
  behind("mkv: second stream, not the default one", "mkv", 1, {}, isDefault(0, 2)),
  behind("mkv: third stream, none the default one", "mkv", 2, {}, isDefault(9, 3)),
  behind("webm: second stream", "webm", 1, { extension: "webm", encode: VP9 }),
  behind("mp4: after three other streams", "mp4", 3, {}),
  behind("mkv: after twelve other streams", "mkv", 12, {}),
  behind("avi: second stream", "avi", 1, { encode: MPEG4 }),
  behind("ts: second stream of the program", "ts", 1, { encode: MPEG2 }),
  {
    kind: "ts: second program",
    make: async (making) =>
      streams(
        making,
        "ts",
        [await making.decoy(), await making.copy()],
        [..."-program title=a:st=0 -program title=b:st=1".split(" ")],
      ),
  },
  {
    kind: "mp4: behind a stream of one picture",
    make: async (making) =>
      streams(making, "mp4", [await making.decoy({ seconds: 0.04 }), await making.copy()]),
  },
  {
    kind: "mkv: behind a stream of one picture, as default",
    make: async (making) =>
      streams(making, "mkv", [await making.decoy({ seconds: 0.04 }), await making.copy()], isDefault(0, 2)),
  },
  {
    kind: "mp4: behind a larger stream",
    make: async (making) =>
      streams(making, "mp4", [
        await making.decoy({ size: "640x360" }),
        await making.copy({ size: "128x72" }),
      ]),
  },
  {
    kind: "mp4: said to be the chapters' pictures",
    make: async (making) => {
      const both = await streams(making, "mp4", [await making.decoy(), await making.copy()]);
      return changed(making, both, (bytes) => {
        const boxes = parseBoxes(bytes);
        const [first] = boxesAt(boxes, "moov/trak");
        first!.children!.push(box("tref", Buffer.concat([words(12), Buffer.from("chap"), words(2)])));
        return writeBoxes(boxes);
      });
    },
  },
  {
    kind: "mp4: in a track that is enabled, after one that is not",
    make: async (making) => {
      const both = await streams(making, "mp4", [await making.decoy(), await making.copy()]);
      return changed(making, both, (bytes) => {
        const boxes = parseBoxes(bytes);
        const [first, second] = boxesAt(boxes, "moov/trak/tkhd");
        first!.body[3] = 0;
        second!.body[3] = 3;
        return writeBoxes(boxes);
      });
    },
  },
  {
    kind: "mp4: both tracks have one id",
    make: async (making) => {
      const both = await streams(making, "mp4", [await making.decoy(), await making.copy()]);
      return changed(making, both, (bytes) => {
        const boxes = parseBoxes(bytes);
        for (const { body } of boxesAt(boxes, "moov/trak/tkhd")) body.writeUInt32BE(1, 12);
        return writeBoxes(boxes);
      });
    },
  },
  {
    kind: "mkv: the decoy's track has the copy's number",
    make: async (making) => {
      const both = await streams(making, "mkv", [await making.copy(), await making.decoy()]);
      return changed(making, both, (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        const [, second] = elementsAt(file, ID.segment, ID.tracks, ID.track);
        // Its pictures have no track any more; the first one's are decoded by either.
        setElement(second!, element(ID.trackNumber, uint(1)));
        return writeElements(file);
      });
    },
  },
  {
    kind: "mkv: the first stream is disabled",
    make: async (making) => {
      const both = await streams(making, "mkv", [await making.decoy(), await making.copy()], isDefault(0, 2));
      return changed(making, both, (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        setElement(elementsAt(file, ID.segment, ID.tracks, ID.track)[0]!, element(ID.flagEnabled, uint(0)));
        return writeElements(file);
      });
    },
  },
  {
    kind: "mp4: beside a cover picture",
    make: async (making) => {
      const cover = making.path("cover.jpg");
      await making.ffmpeg(["-i", await making.decoy(), "-frames:v", "1", "-pix_fmt", "yuvj420p", cover]);
      const options = ["-disposition:v:0", "attached_pic+default", "-disposition:v:1", "0"];
      return streams(making, "mp4", [cover, await making.copy()], options);
    },
  },
];
