// Durations and counts that are not so.

import { readFileSync, writeFileSync } from "node:fs";
import {
  element,
  elementsAt,
  float,
  ID,
  parseElements,
  setElement,
  uint,
  withoutPositions,
  writeElements,
} from "../../../files/ebml.ts";
import { boxesAt, DURATION_AT, parseBoxes, setEdits, writeBoxes } from "../../../files/iso-boxes.ts";
import { pick } from "../../../files/random-choice.ts";
import type { Making, Trick } from "../trick.ts";
import { MPEG4, VP9 } from "./encodings.ts";

const FACTORS = [0.001, 0.01, 0.05, 0.1, 0.5, 2, 10, 100, 1000];
const MAX_WORD = 0xffffffff;

function scaledWord(bytes: Buffer, at: number, factor: number): void {
  bytes.writeUInt32BE(Math.min(MAX_WORD, Math.max(1, Math.round(bytes.readUInt32BE(at) * factor))), at);
}

async function rewritten(making: Making, from: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const file = making.path(`query.${from.split(".").at(-1)}`);
  writeFileSync(file, change(readFileSync(from)));
  return file;
}

/** Doubles the file's number behind a name, as FLV's script data has it. */
function scaleFlvNumber(bytes: Buffer, name: string, factor: number): void {
  const at = bytes.indexOf(name);
  if (at < 0) return;
  const value = at + name.length + 1;
  bytes.writeDoubleBE(bytes.readDoubleBE(value) * factor, value);
}

const boxDurations = (kind: string, types: readonly string[], extension = "mp4"): Trick => ({
  kind,
  make: async (making) =>
    rewritten(making, await making.copy({ extension }), (bytes) => {
      const boxes = parseBoxes(bytes);
      const factor = pick(making.random, FACTORS);
      for (const path of ["moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/mdhd"])
        for (const { type, body } of boxesAt(boxes, path))
          if (types.includes(type)) scaledWord(body, DURATION_AT[type]!, factor);
      return writeBoxes(boxes);
    }),
});

export const durations: Trick[] = [
  boxDurations("mp4: mdhd duration", ["mdhd"]),
  boxDurations("mp4: mvhd and tkhd durations", ["mvhd", "tkhd"]),
  boxDurations("mov: every duration", ["mvhd", "tkhd", "mdhd"], "mov"),
  {
    kind: "mp4: edit list's duration",
    make: async (making) =>
      rewritten(making, await making.copy(), (bytes) => {
        const boxes = parseBoxes(bytes);
        // Only longer: a shorter edit hides the rest from players as well.
        const duration = Math.round(
          boxesAt(boxes, "moov/mvhd")[0]!.body.readUInt32BE(16) * pick(making.random, [1, 2, 10, 1000]),
        );
        for (const track of boxesAt(boxes, "moov/trak")) setEdits(track, [{ duration, mediaTime: 0 }]);
        return writeBoxes(boxes);
      }),
  },
  {
    kind: "mkv: Duration",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "mkv" }), (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        const info = elementsAt(file, ID.segment, ID.info)[0]!;
        setElement(info, element(ID.duration, float(8000 * pick(making.random, FACTORS))));
        return writeElements(file);
      }),
  },
  {
    kind: "mkv: DURATION tag",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "mkv" }), (bytes) => {
        const said = pick(making.random, [
          "00:00:00.010",
          "00:00:00.500",
          "00:00:02.000",
          "00:13:20.000",
          "03:59:00.000",
        ]);
        const at = bytes.indexOf("00:00:08", 0, "latin1");
        if (at > 0) bytes.write(said, at, "latin1");
        return bytes;
      }),
  },
  {
    kind: "webm: Duration and default frame duration",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "webm", encode: VP9 }), (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        const factor = pick(making.random, FACTORS);
        setElement(elementsAt(file, ID.segment, ID.info)[0]!, element(ID.duration, float(8000 * factor)));
        const track = elementsAt(file, ID.segment, ID.tracks, ID.track)[0]!;
        setElement(track, element(ID.defaultDuration, uint(4e7 * factor)));
        return writeElements(file);
      }),
  },
  {
    kind: "avi: frame counts",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "avi", encode: MPEG4 }), (bytes) => {
        const frames = Math.max(1, Math.round(200 * pick(making.random, FACTORS)));
        bytes.writeUInt32LE(frames, bytes.indexOf("avih") + 8 + 16);
        bytes.writeUInt32LE(frames, bytes.indexOf("strh") + 8 + 32);
        return bytes;
      }),
  },
  {
    kind: "avi: frame rate in the main header",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "avi", encode: MPEG4 }), (bytes) => {
        bytes.writeUInt32LE(Math.round(40_000 * pick(making.random, FACTORS)), bytes.indexOf("avih") + 8);
        return bytes;
      }),
  },
  {
    kind: "flv: duration, frame rate and size of the script data",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "flv" }), (bytes) => {
        const factor = pick(making.random, FACTORS);
        scaleFlvNumber(bytes, "duration", factor);
        scaleFlvNumber(bytes, "framerate", 1 / factor);
        scaleFlvNumber(bytes, "filesize", factor);
        return bytes;
      }),
  },
  {
    kind: "asf: duration of the file properties",
    make: async (making) =>
      rewritten(
        making,
        await making.copy({ extension: "wmv", encode: "-c:v wmv2 -b:v 600k -g 25".split(" ") }),
        (bytes) => {
          const properties = bytes.indexOf(Buffer.from("a1dcab8c47a9cf118ee400c00c205365", "hex"));
          const factor = pick(making.random, FACTORS);
          for (const at of [64, 72]) {
            const value = Number(bytes.readBigUInt64LE(properties + at));
            bytes.writeBigUInt64LE(BigInt(Math.round(value * factor)), properties + at);
          }
          return bytes;
        },
      ),
  },
  {
    kind: "fragmented mp4: durations of the header",
    make: async (making) => {
      const muxing = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"];
      return rewritten(making, await making.copy({ muxing }), (bytes) => {
        const boxes = parseBoxes(bytes);
        for (const path of ["moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/mdhd"])
          for (const { type, body } of boxesAt(boxes, path))
            body.writeUInt32BE(pick(making.random, [1, 100, 500, 1e6, 1e8]), DURATION_AT[type]!);
        return writeBoxes(boxes);
      });
    },
  },
];
