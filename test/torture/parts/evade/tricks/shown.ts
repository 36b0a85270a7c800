// How a picture is to be shown: turned, stretched, cropped, coloured, see-through; and flags that say that it is locked.

import { readFileSync, writeFileSync } from "node:fs";
import {
  element,
  elementsAt,
  ID,
  parent,
  parseElements,
  setElement,
  uint,
  withoutPositions,
  writeElements,
} from "../../../files/ebml.ts";
import { boxesAt, parseBoxes, words, writeBoxes } from "../../../files/iso-boxes.ts";
import { pick } from "../../../files/random-choice.ts";
import type { Making, Trick } from "../trick.ts";
import { MPEG2, VP9 } from "./encodings.ts";

async function rewritten(making: Making, from: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const file = making.path(`query.${from.split(".").at(-1)}`);
  writeFileSync(file, change(readFileSync(from)));
  return file;
}

/** Of x264's stream: what it says of itself, not its pictures. */
const said = (kind: string, options: readonly string[]): Trick => ({
  kind,
  make: async (making) => {
    const file = making.path("query.mp4");
    await making.ffmpeg([
      "-i",
      await making.copy(),
      "-c",
      "copy",
      "-bsf:v",
      `h264_metadata=${pick(making.random, options)}`,
      file,
    ]);
    return file;
  },
});

const ONE = 0x10000;
const W = 0x40000000;
const MATRICES = [
  [0, ONE, 0, -ONE, 0, 0, 0, 0, W],
  [-ONE, 0, 0, 0, -ONE, 0, 0, 0, W],
  [-ONE, 0, 0, 0, ONE, 0, 0, 0, W],
  [ONE, 0, 0, 0, -ONE, 0, 0, 0, W],
  [0, 0, 0, 0, 0, 0, 0, 0, 0],
];

const VIDEO = {
  stereoMode: 0x53b8,
  pixelCropTop: 0x54bb,
  pixelCropLeft: 0x54cc,
  displayWidth: 0x54b0,
  displayHeight: 0x54ba,
};

export const shown: Trick[] = [
  {
    kind: "mp4: turned or mirrored by its matrix",
    make: async (making) =>
      rewritten(making, await making.copy(), (bytes) => {
        const boxes = parseBoxes(bytes);
        // Stored so that the matrix turns it back would be the same; here the player turns it.
        const matrix = words(...pick(making.random, MATRICES));
        for (const { body } of boxesAt(boxes, "moov/trak/tkhd")) matrix.copy(body, 40);
        return writeBoxes(boxes);
      }),
  },
  said("h264: pixels said to be ten times as wide or high", [
    "sample_aspect_ratio=10/1",
    "sample_aspect_ratio=1/10",
  ]),
  said("h264: range and colours said to be others", [
    "video_full_range_flag=1",
    "matrix_coefficients=9:colour_primaries=9:transfer_characteristics=16",
    "matrix_coefficients=8",
    "video_full_range_flag=1:matrix_coefficients=1:transfer_characteristics=18",
  ]),
  said("h264: cropped by a sixth", ["crop_left=32:crop_right=8", "crop_top=16:crop_bottom=8"]),
  said("h264: rates said to be others", [
    "tick_rate=1000:fixed_frame_rate_flag=1",
    "tick_rate=1/10",
    "tick_rate=2/100",
  ]),
  said("h264: a level that it does not keep", ["level=1", "level=6.2"]),
  {
    kind: "mkv: shown at another size, in stereo",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "mkv" }), (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        for (const video of elementsAt(file, ID.segment, ID.tracks, ID.track, ID.video)) {
          setElement(video, element(VIDEO.displayWidth, uint(pick(making.random, [1, 16, 5000]))));
          setElement(video, element(VIDEO.displayHeight, uint(pick(making.random, [1, 16, 5000]))));
          setElement(video, element(VIDEO.stereoMode, uint(pick(making.random, [0, 1, 3, 11]))));
          setElement(video, element(VIDEO.pixelCropLeft, uint(20)));
        }
        return writeElements(file);
      }),
  },
  {
    kind: "webm: with alpha, wholly clear",
    make: async (making) => {
      const file = making.path("query.webm");
      const filter = "format=yuva420p,colorchannelmixer=aa=0";
      await making.ffmpeg(["-i", await making.copy(), "-vf", filter, ...VP9, "-pix_fmt", "yuva420p", file]);
      return file;
    },
  },
  {
    kind: "mov: prores with alpha, wholly clear",
    make: async (making) => {
      const file = making.path("query.mov");
      const filter = "format=yuva444p10le,colorchannelmixer=aa=0";
      await making.ffmpeg([
        "-i",
        await making.copy(),
        "-vf",
        filter,
        "-c:v",
        "prores_ks",
        "-profile:v",
        "4",
        "-vendor",
        "apl0",
        file,
      ]);
      return file;
    },
  },
  {
    kind: "mp4: said to be encrypted, and not",
    make: async (making) =>
      rewritten(making, await making.copy(), (bytes) => {
        const at = bytes.lastIndexOf("avc1");
        bytes.write("encv", at, "latin1");
        return bytes;
      }),
  },
  {
    kind: "mkv: said to be encrypted, and not",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "mkv" }), (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        const encoding = parent(ID.contentEncoding, [
          element(ID.contentEncodingType, uint(1)),
          parent(ID.contentEncryption, [element(0x47e1, uint(0))]),
        ]);
        setElement(
          elementsAt(file, ID.segment, ID.tracks, ID.track)[0]!,
          parent(ID.contentEncodings, [encoding]),
        );
        return writeElements(file);
      }),
  },
  {
    kind: "ts: packets said to be scrambled, and not",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "ts", encode: MPEG2 }), (bytes) => {
        for (let at = 0; at + 188 <= bytes.length; at += 188)
          if (making.random() < 0.7) bytes[at + 3]! |= 0x80;
        return bytes;
      }),
  },
  {
    kind: "in a corner, turned grey, at ten pictures a second",
    make: ({ copy }) => copy({ rate: 10, filter: "hue=s=0", size: "160x120" }),
  },
];
