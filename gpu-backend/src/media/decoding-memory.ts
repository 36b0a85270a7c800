// The memory that decoding takes, by arithmetic: how many pictures a decoder may hold, and how large one is. A file's
// own statements may be false; then the process runs into its memory limit, which holds in any case.

import { ProblemError } from "@twinframe/shared/problem";
import type { MediaLimits } from "./limits.ts";

export interface CodedPicture {
  codec: string;
  width: number;
  height: number;
  /** ffmpeg's name, such as `yuv420p10le`. */
  pixelFormat: string | undefined;
  /** As the codec counts levels; absent or not positive when unknown. */
  level: number | undefined;
}

export interface DecodingNeeds {
  /** One decoded picture with what the decoder keeps beside it. */
  pictureBytes: number;
  /** That the codec lets a stream refer to at once. */
  references: number;
}

const MEBIBYTE = 1024 ** 2;
/** ffmpeg itself, the file's index, the frames that are made. */
const BASE_BYTES = 64 * MEBIBYTE;
const STACK_BYTES = 8 * MEBIBYTE;
/** Threads beside the decoder's: of the filters, the input and the encoder. */
const OTHER_THREADS = 4;
/** Motion vectors, modes and the like that H.264 and HEVC keep with each picture. */
const SIDE_BYTES_PER_PIXEL = 0.6;
/** The one being decoded, and those that wait in the filters. */
const PICTURES_AT_LEAST = 3;
/** Measured: pictures that each decoder thread holds when there are several. */
const PICTURES_PER_THREAD = 1.5;
/** Where the pixel format is unknown: 4:2:0 of more than 8 bits, or 4:4:4 of 8. */
const UNKNOWN_BYTES_PER_PIXEL = 3;
const MOST_REFERENCES = 16;

/** H.264, table A-1: macroblocks that the decoded picture buffer holds at each level. */
const H264_BUFFER_MACROBLOCKS: [level: number, macroblocks: number][] = [
  ...([
    [10, 396],
    [11, 900],
    [20, 2376],
    [21, 4752],
    [30, 8100],
    [31, 18_000],
  ] as [number, number][]),
  ...([
    [32, 20_480],
    [41, 32_768],
    [42, 34_816],
    [50, 110_400],
    [52, 184_320],
    [62, 696_320],
  ] as [number, number][]),
];
/** HEVC, table A.8: luma samples of the largest picture at each level (30 times its number). */
const HEVC_LUMA_SAMPLES: [level: number, samples: number][] = [
  ...([
    [30, 36_864],
    [60, 122_880],
    [63, 245_760],
    [90, 552_960],
    [93, 983_040],
  ] as [number, number][]),
  ...([
    [123, 2_228_224],
    [156, 8_912_896],
    [186, 35_651_584],
  ] as [number, number][]),
];
/** Of codecs without levels that matter here; intra-only codecs keep none. */
const REFERENCES: Record<string, number> = {
  vp9: 8,
  av1: 8,
  vp8: 3,
  theora: 2,
  mpeg1video: 2,
  mpeg2video: 2,
  mpeg4: 2,
  msmpeg4v1: 1,
  msmpeg4v2: 1,
  msmpeg4v3: 1,
  wmv1: 1,
  wmv2: 1,
  wmv3: 2,
  vc1: 2,
  h263: 2,
  flv1: 1,
  mjpeg: 0,
  prores: 0,
  dnxhd: 0,
};

export function decodingNeeds(picture: CodedPicture): DecodingNeeds {
  const perPixel = bytesPerPixel(picture.pixelFormat) + SIDE_BYTES_PER_PIXEL;
  return { pictureBytes: picture.width * picture.height * perPixel, references: referencesOf(picture) };
}

/**
 * Decoder threads, at most `most`, with which the video fits into the memory of one process. Throws
 * `media_limit_exceeded` when it does not fit with a single one.
 */
export function threadsThatFit(
  needs: DecodingNeeds,
  most: number,
  { memoryBytes }: Pick<MediaLimits, "memoryBytes">,
) {
  for (let threads = Math.max(1, most); threads >= 1; threads--)
    if (decodingBytes(needs, threads) <= memoryBytes) return threads;
  const mebibytes = (bytes: number) => Math.ceil(bytes / MEBIBYTE);
  throw new ProblemError(
    "media_limit_exceeded",
    `Decoding the video may take ${mebibytes(decodingBytes(needs, 1))} MiB of memory, and one video may use ${mebibytes(memoryBytes)} MiB. Send it scaled down, or encoded with fewer reference pictures.`,
  );
}

/** Memory of a decoding process, at most. */
export function decodingBytes({ pictureBytes, references }: DecodingNeeds, threads: number): number {
  const ofThreads = threads > 1 ? threads * PICTURES_PER_THREAD : 0;
  const pictures = references + PICTURES_AT_LEAST + ofThreads;
  return BASE_BYTES + (threads + OTHER_THREADS) * STACK_BYTES + pictures * pictureBytes;
}

function referencesOf({ codec, width, height, level = 0 }: CodedPicture): number {
  if (codec === "h264") {
    const macroblocks = Math.ceil(width / 16) * Math.ceil(height / 16);
    const held = atLevel(H264_BUFFER_MACROBLOCKS, level);
    return held === null
      ? MOST_REFERENCES
      : Math.max(1, Math.min(MOST_REFERENCES, Math.floor(held / macroblocks)));
  }
  if (codec === "hevc") {
    const largest = atLevel(HEVC_LUMA_SAMPLES, level);
    if (largest === null) return MOST_REFERENCES;
    const share = (width * height) / largest;
    return share <= 0.25 ? 16 : share <= 0.5 ? 12 : share <= 0.75 ? 8 : 6;
  }
  return REFERENCES[codec] ?? MOST_REFERENCES;
}

function atLevel(table: [number, number][], level: number): number | null {
  if (level <= 0) return null;
  return table.find(([upTo]) => level <= upTo)?.[1] ?? null;
}

function bytesPerPixel(pixelFormat: string | undefined): number {
  const [, layout, bits] = /^yuv[aj]?(4\d\d)p(\d+)?/.exec(pixelFormat ?? "") ?? [];
  if (layout === undefined) return /^gray$|^pal8$/.test(pixelFormat ?? "") ? 1 : UNKNOWN_BYTES_PER_PIXEL;
  const samples = layout === "444" ? 3 : layout === "422" || layout === "440" ? 2 : 1.5;
  const alpha = pixelFormat?.startsWith("yuva") ? 1 : 0;
  return (samples + alpha) * (bits === undefined ? 1 : 2);
}
