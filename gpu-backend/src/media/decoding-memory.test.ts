import { describe, expect, it } from "vitest";
import { takeDecoderThreads } from "./decoder-threads.ts";
import { type CodedPicture, decodingBytes, decodingNeeds, threadsThatFit } from "./decoding-memory.ts";

const MEBIBYTE = 1024 ** 2;
const picture = (fields: Partial<CodedPicture>): CodedPicture => ({
  codec: "h264",
  width: 3840,
  height: 2160,
  pixelFormat: "yuv420p",
  level: undefined,
  ...fields,
});
const mebibytes = (fields: Partial<CodedPicture>, threads: number) =>
  decodingBytes(decodingNeeds(picture(fields)), threads) / MEBIBYTE;

describe("memory of decoding", () => {
  // Peaks of ffmpeg 5.1 with 1 and 4 decoder threads, in MiB, of clips with as many references as the level allows.
  it.each([
    ["H.264 with 16 references", { level: 60 }, 334, 398],
    ["H.264 of 10 bits with 16", { level: 60, pixelFormat: "yuv420p10le" }, 542, 637],
    ["HEVC", { codec: "hevc", level: 150 }, 209, 262],
    ["HEVC of 10 bits", { codec: "hevc", level: 150, pixelFormat: "yuv420p10le" }, 257, 335],
    ["VP9", { codec: "vp9" }, 105, 155],
    ["AV1", { codec: "av1" }, 157, 219],
    ["ProRes", { codec: "prores", pixelFormat: "yuv422p10le" }, 148, 296],
    ["8K with 16 references", { width: 8192, height: 4320 }, 1245, 1497],
  ])("of %s is not less than what was measured", (_name, fields, one, four) => {
    expect(mebibytes(fields, 1)).toBeGreaterThan(one);
    expect(mebibytes(fields, 4)).toBeGreaterThan(four);
    expect(mebibytes(fields, 1)).toBeLessThan(2.5 * one + 100);
  });

  it("takes as many threads as fit, and refuses what does not fit with one", () => {
    const needs = decodingNeeds(picture({ level: 60 }));
    expect(threadsThatFit(needs, 8, { memoryBytes: 4096 * MEBIBYTE })).toBe(8);
    expect(threadsThatFit(needs, 8, { memoryBytes: 440 * MEBIBYTE })).toBe(1);
    expect(() => threadsThatFit(needs, 8, { memoryBytes: 256 * MEBIBYTE })).toThrow(/scaled down/);
    expect(threadsThatFit(needs, 0, { memoryBytes: 4096 * MEBIBYTE })).toBe(1);
  });

  it("counts on as many references as the codec has where the file does not say", () => {
    expect(decodingNeeds(picture({})).references).toBe(16);
    expect(decodingNeeds(picture({ codec: "hevc", level: -99 })).references).toBe(16);
    expect(decodingNeeds(picture({ codec: "unheard of" })).references).toBe(16);
    expect(decodingNeeds(picture({ level: 51 })).references).toBe(5);
  });
});

describe("decoder threads", () => {
  it("are shared by those that decode, and are never none", () => {
    using first = takeDecoderThreads(4);
    expect(first.threads).toBe(4);
    {
      using second = takeDecoderThreads(4);
      using third = takeDecoderThreads(4);
      using fourth = takeDecoderThreads(4);
      using fifth = takeDecoderThreads(4);
      expect([second, third, fourth, fifth].map(({ threads }) => threads)).toEqual([2, 1, 1, 1]);
    }
    using next = takeDecoderThreads(4);
    expect(next.threads).toBe(2);
  });
});
