// Everything that a player could show of a file: its streams, and its pictures with and without edit lists.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeShowings } from "../src/media/index.ts";
import { clip, fileOf, madeBy, scratchFolder } from "./clips.ts";
import { limits, see, seeAll, small, X264 } from "./seen-video.ts";

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch[Symbol.asyncDispose]());

describe("everything that a player could show", () => {
  const twoClips = async () => [
    await clip({ ...small, durationS: 4 }),
    await clip({ ...small, picture: "mandelbrot", size: "320x240", durationS: 6 }),
  ];
  const joined = async (files: string[], more: string[] = [], extension = "mkv") =>
    madeBy(extension, [
      ...files.flatMap((file) => ["-i", file]),
      ...files.flatMap((_, i) => ["-map", `${i}:v`]),
      ...["-c", "copy", ...more],
    ]);

  test("is each of its streams, the default one first", async () => {
    const file = await joined(await twoClips(), ["-disposition:v:0", "0", "-disposition:v:1", "default"]);
    const showings = await probeShowings(file, limits);
    expect(showings.map(({ videoStreamIndex, width }) => [videoStreamIndex, width])).toEqual([
      [1, 320],
      [0, 160],
    ]);
    expect((await seeAll(file)).map(({ durationS, isWhole }) => [durationS, isWhole])).toEqual([
      [6, true],
      [4, true],
    ]);
  });

  test("is refused when it is more than three streams", async () => {
    const [first] = (await twoClips()) as [string];
    const file = await joined([first, first, first, first]);
    await expect(seeAll(file)).rejects.toMatchObject({ code: "too_many_video_streams" });
    expect(await seeAll(await joined([first, first, first]))).toHaveLength(3);
  });

  test("is refused when a stream begins where nobody looks for one", async () => {
    // Larger than what is looked at for finding streams, at either end.
    const noise = ["-c:v", "mpeg2video", "-q:v", "1", "-g", "10"];
    const part = async (pid: string, fromS: number) =>
      readFile(
        await clip({
          size: "640x480",
          durationS: 4,
          extension: "ts",
          filter: "noise=alls=40:allf=t",
          encode: [...noise, "-mpegts_start_pid", pid, "-output_ts_offset", String(fromS)],
        }),
      );
    const parts = [await part("0x100", 0), await part("0x200", 4), await part("0x100", 8)];
    const file = await fileOf(scratch.path, "late-stream.ts", Buffer.concat(parts));
    await expect(see(file)).rejects.toMatchObject({ code: "too_many_video_streams" });
  });

  test("is no cover, but a stream that is only called one", async () => {
    const [first, second] = (await twoClips()) as [string, string];
    const cover = await madeBy("png", ["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1"]);
    const withCover = await joined([cover, first], ["-disposition:v:0", "attached_pic"], "mp4");
    expect(await seeAll(withCover)).toHaveLength(1);
    // What names a stream as another's chapters makes ffmpeg take it for a cover; players show it.
    const bytes = await readFile(await joined([first, second], [], "mp4"));
    const named = withChapters(bytes);
    const seen = await seeAll(await fileOf(scratch.path, "chapters.mp4", named));
    expect(seen.map(({ durationS }) => Math.round(durationS)).sort()).toEqual([4, 6]);
  });

  test("is what edit lists hide, and what they rearrange, besides what they show", async () => {
    const file = await clip({ ...small, encode: [...X264, "-bf", "0"] });
    const entries = {
      all: [[0, 12]],
      most: [[0, 11.8]],
      hidden: [[9, 3]],
      swapped: [
        [6, 6],
        [0, 6],
      ],
    } as const;
    const seen: Record<string, number[]> = {};
    for (const [name, list] of Object.entries(entries)) {
      const edited = withEdits(await readFile(file), list);
      const all = await seeAll(await fileOf(scratch.path, `${name}.mp4`, edited));
      seen[name] = all.map(({ durationS }) => Math.round(durationS));
      expect(
        all.every(({ isWhole }) => isWhole),
        name,
      ).toBe(true);
    }
    expect(seen).toEqual({ all: [12], most: [12], hidden: [3, 12], swapped: [12, 12] });
  });

  test("is only what is coded as one of the accepted codecs", async () => {
    for (const [codec, encode] of [
      ["ffv1", ["-c:v", "ffv1"]],
      ["huffyuv", ["-c:v", "huffyuv", "-pix_fmt", "yuv422p"]],
    ] as const) {
      const file = await clip({ ...small, durationS: 1, extension: "mkv", encode: [...encode] });
      const error = await probeShowings(file, limits).catch((reason) => reason);
      expect(error).toMatchObject({ code: "unsupported_codec" });
      expect(error.message).toContain(`coded as ${codec},`);
      const beside = await joined([await clip({ ...small, durationS: 1 }), file]);
      await expect(probeShowings(beside, limits)).rejects.toMatchObject({ code: "unsupported_codec" });
    }
  });
});

/** An MP4 by ffmpeg whose only edit list is made another: entries of [from, seconds]. */
function withEdits(bytes: Buffer, entries: readonly (readonly [number, number])[]): Buffer {
  const at = bytes.indexOf("elst") - 4;
  const movieScale = bytes.readUInt32BE(bytes.indexOf("mvhd") + 16);
  const mediaScale = bytes.readUInt32BE(bytes.indexOf("mdhd") + 16);
  const list = Buffer.alloc(16 + 12 * entries.length);
  list.writeUInt32BE(list.length, 0);
  list.write("elst", 4, "latin1");
  list.writeUInt32BE(entries.length, 12);
  entries.forEach(([fromS, lengthS], i) => {
    list.writeUInt32BE(Math.round(lengthS * movieScale), 16 + 12 * i);
    list.writeUInt32BE(Math.round(fromS * mediaScale), 20 + 12 * i);
    list.writeUInt32BE(0x10000, 24 + 12 * i);
  });
  return grown(bytes, at, bytes.readUInt32BE(at), list, ["moov", "trak", "edts"]);
}

/** The first of two tracks names the second as its chapters. */
function withChapters(bytes: Buffer): Buffer {
  const reference = Buffer.alloc(20);
  reference.writeUInt32BE(20, 0);
  reference.write("tref", 4, "latin1");
  reference.writeUInt32BE(12, 8);
  reference.write("chap", 12, "latin1");
  reference.writeUInt32BE(2, 16);
  return grown(bytes, bytes.indexOf("mdia") - 4, 0, reference, ["moov", "trak"]);
}

/** `length` bytes at `at` become `part`; the boxes around them, which are the first of their names, grow with it. The media comes first. */
function grown(bytes: Buffer, at: number, length: number, part: Buffer, around: string[]): Buffer {
  for (const name of around) {
    const size = bytes.lastIndexOf(name, at) - 4;
    bytes.writeUInt32BE(bytes.readUInt32BE(size) + part.length - length, size);
  }
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + length)]);
}
