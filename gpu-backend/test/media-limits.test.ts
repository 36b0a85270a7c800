import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  DEFAULT_MEDIA_LIMITS,
  hashVideoPackets,
  inspectVideo,
  type ProbedVideo,
  probeVideo,
  sampleFrames,
} from "../src/media/index.ts";
import { clip, scratchFolder } from "./clips.ts";

const limits = DEFAULT_MEDIA_LIMITS;
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

/** Processes, zombies too, that this process has started and that are still there. */
async function children(): Promise<string[]> {
  const names: string[] = [];
  for (const entry of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${entry}/status`, "utf8").catch(() => "");
    if (new RegExp(`^PPid:\\t${process.pid}$`, "m").test(status))
      names.push(/^Name:\t(.*)$/m.exec(status)?.[1] ?? "");
  }
  return names.filter((name) => /^(ffmpeg|ffprobe|limited|sh)/.test(name));
}

describe("the wall-clock limit", () => {
  test("kills decoding, and no process is left", async () => {
    const sampling = sampleFrames(long, probed, options, { ...limits, decodeWallMs: 1 });
    await expect(sampling).rejects.toMatchObject({ code: "media_limit_exceeded" });
    expect(await children()).toEqual([]);
  });

  test("kills probing and hashing, and no process is left", async () => {
    const strict = { ...limits, probeWallMs: 1, decodeWallMs: 1 };
    await expect(probeVideo(long, strict)).rejects.toMatchObject({ code: "media_limit_exceeded" });
    await expect(hashVideoPackets(long, probed, strict)).rejects.toMatchObject({
      code: "media_limit_exceeded",
    });
    await expect(inspectVideo(long, strict)).rejects.toMatchObject({ code: "media_limit_exceeded" });
    expect(await children()).toEqual([]);
  });
});

describe("an abort", () => {
  test("before the start starts nothing and rejects with its reason", async () => {
    const reason = new Error("the client left");
    const signal = AbortSignal.abort(reason);
    await expect(sampleFrames(long, probed, options, limits, signal)).rejects.toBe(reason);
    await expect(probeVideo(long, limits, signal)).rejects.toBe(reason);
    expect(await children()).toEqual([]);
  });

  test("while frames come kills ffmpeg, and no process is left", async () => {
    const reason = new Error("the client left");
    const abort = new AbortController();
    let lastFraction = 0;
    const onProgress = (fraction: number) => {
      lastFraction = fraction;
      abort.abort(reason);
    };
    const sampling = sampleFrames(long, probed, options, limits, abort.signal, { onProgress });
    await expect(sampling).rejects.toBe(reason);
    expect(lastFraction).toBeLessThan(0.9);
    expect(await children()).toEqual([]);
  });

  test("while probing and hashing kills both", async () => {
    const reason = new Error("the client left");
    const abort = new AbortController();
    const inspecting = inspectVideo(long, limits, abort.signal);
    abort.abort(reason);
    await expect(inspecting).rejects.toBe(reason);
    expect(await children()).toEqual([]);
  });
});

describe("a process's own limits", () => {
  test("too little memory for the video is a limit, not a broken video", async () => {
    const large = await clip({ size: "3840x2160", durationS: 0.2, encode: HEVC });
    const tight = { ...limits, memoryBytes: 300 * 1024 ** 2 };
    const sampling = sampleFrames(large, await probeVideo(large, limits), options, tight);
    await expect(sampling).rejects.toMatchObject({ code: "media_limit_exceeded" });
  });

  test("too little CPU time is a limit", async () => {
    const big = await clip({ size: "1920x1080", durationS: 20, encode: ["-c:v", "mpeg4", "-q:v", "1"] });
    const sampling = sampleFrames(big, await probeVideo(big, limits), options, { ...limits, cpuS: 1 });
    await expect(sampling).rejects.toMatchObject({ code: "media_limit_exceeded" });
  });

  test("the default memory is enough for large HEVC and AV1", async () => {
    const encodes = [HEVC, ["-c:v", "libsvtav1", "-preset", "12"]];
    for (const encode of encodes) {
      const file = await clip({ size: "3840x2160", durationS: 0.2, encode });
      const frames = await sampleFrames(file, await probeVideo(file, limits), options, limits);
      expect(frames.count).toBe(5);
    }
  });
});
