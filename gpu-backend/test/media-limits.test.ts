import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  DEFAULT_MEDIA_LIMITS,
  hashVideoPackets,
  inspectVideo,
  type ProbedVideo,
  probeVideo,
  sampleFrames,
  startDeadline,
} from "../src/media/index.ts";
import { clip, scratchFolder } from "./clips.ts";
import { processesWith } from "./processes.ts";

// An argument of every process, by which this file's are found.
const limits = {
  ...DEFAULT_MEDIA_LIMITS,
  maxPixels: DEFAULT_MEDIA_LIMITS.maxPixels + (process.pid % 100_000),
};
const HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"];
const options = { width: 64, height: 64, framesPerSecond: 25, minFrames: 8 };
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let long: string;
let probed: ProbedVideo;
beforeAll(async () => {
  scratch = await scratchFolder();
  // Long enough to decode that it is surely still running when the first frames are there.
  long = await clip({ picture: "mandelbrot", size: "640x480", durationS: 30 });
  probed = await probeVideo(long, limits);
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** Processes that one of these tests has started, ffmpeg in its box among them, and that are still there. */
const children = () => processesWith(String(limits.maxPixels));
/** What the launcher leaves behind ends by itself, when it sees that the process has ended. */
const noneIsLeft = () => vi.waitFor(async () => expect(await children()).toEqual([]), { timeout: 10_000 });

describe("the wall-clock limit", () => {
  test("kills decoding, and no process is left", async () => {
    const sampling = sampleFrames({ file: long, probed }, options, { ...limits, decodeWallMs: 1 });
    await expect(sampling).rejects.toMatchObject({ code: "media_limit_exceeded" });
    await noneIsLeft();
  });

  test("kills probing and hashing, and no process is left", async () => {
    const strict = { ...limits, probeWallMs: 1, decodeWallMs: 1 };
    await expect(probeVideo(long, strict)).rejects.toMatchObject({ code: "media_limit_exceeded" });
    await expect(hashVideoPackets(long, probed, strict)).rejects.toMatchObject({
      code: "media_limit_exceeded",
    });
    await expect(inspectVideo(long, strict)).rejects.toMatchObject({ code: "media_limit_exceeded" });
    await noneIsLeft();
  });
});

describe("the deadline of an analysis", () => {
  test("is shared by all its processes: what begins after it ends at once", async () => {
    const spent = startDeadline({ ...limits, analysisWallMs: 0 });
    for (const work of [
      () => probeVideo(long, spent),
      () => hashVideoPackets(long, probed, spent),
      () => sampleFrames({ file: long, probed }, options, spent),
    ])
      await expect(work()).rejects.toMatchObject({ code: "media_limit_exceeded" });
    await noneIsLeft();
  });
});

describe("an abort", () => {
  test("before the start starts nothing and rejects with its reason", async () => {
    const reason = new Error("the client left");
    const signal = AbortSignal.abort(reason);
    await expect(sampleFrames({ file: long, probed }, options, limits, { signal })).rejects.toBe(reason);
    await expect(probeVideo(long, limits, signal)).rejects.toBe(reason);
    await noneIsLeft();
  });

  test("while frames come kills ffmpeg, and no process is left", async () => {
    const reason = new Error("the client left");
    const abort = new AbortController();
    let lastFraction = 0;
    const onProgress = (fraction: number) => {
      lastFraction = fraction;
      abort.abort(reason);
    };
    const sampling = sampleFrames({ file: long, probed }, options, limits, {
      signal: abort.signal,
      onProgress,
    });
    await expect(sampling).rejects.toBe(reason);
    expect(lastFraction).toBeLessThan(0.9);
    await noneIsLeft();
  });

  test("at any moment of a start leaves nothing behind", async () => {
    // Turns of the event loop: the box is being made in some of them.
    for (const turns of [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]) {
      const abort = new AbortController();
      const probing = probeVideo(long, limits, abort.signal);
      probing.catch(() => {});
      for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next));
      abort.abort(new Error("the client left"));
      await probing.catch(() => {});
    }
    await noneIsLeft();
  });

  test("while probing and hashing kills both", async () => {
    const reason = new Error("the client left");
    const abort = new AbortController();
    const inspecting = inspectVideo(long, limits, abort.signal);
    abort.abort(reason);
    await expect(inspecting).rejects.toBe(reason);
    await noneIsLeft();
  });
});

describe("a process's own limits", () => {
  test("too little memory for the video is a limit, not a broken video", async () => {
    const large = await clip({ size: "3840x2160", durationS: 1, encode: HEVC });
    const tight = { ...limits, memoryBytes: 112 * 1024 ** 2 };
    const honest = await probeVideo(large, limits);
    const refused = sampleFrames({ file: large, probed: honest }, options, tight);
    await expect(refused).rejects.toThrow(/may take \d+ MiB of memory, and one video may use 112 MiB/);
    // A file that says of itself that it needs next to nothing runs into the process's own limit.
    const lying = { ...honest, decoding: { pictureBytes: 1, references: 0 } };
    const sampling = sampleFrames({ file: large, probed: lying }, options, tight);
    await expect(sampling).rejects.toMatchObject({ code: "media_limit_exceeded" });
    await expect(sampling).rejects.toThrow(/more memory than one video may use/);
  });

  test("too little CPU time is a limit", async () => {
    const big = await clip({ size: "1920x1080", durationS: 40, encode: ["-c:v", "mpeg4", "-q:v", "1"] });
    const sampling = sampleFrames({ file: big, probed: await probeVideo(big, limits) }, options, {
      ...limits,
      cpuS: 1,
    });
    await expect(sampling).rejects.toMatchObject({ code: "media_limit_exceeded" });
  });

  test("the default memory is enough for large HEVC and AV1", async () => {
    const encodes = [HEVC, ["-c:v", "libsvtav1", "-preset", "12"]];
    for (const encode of encodes) {
      const file = await clip({ size: "3840x2160", durationS: 0.2, encode });
      const frames = await sampleFrames({ file, probed: await probeVideo(file, limits) }, options, limits);
      expect(frames.count).toBe(5);
    }
  });
});
