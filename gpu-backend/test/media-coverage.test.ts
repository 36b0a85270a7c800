// Which seconds of a video were seen: whatever a file says of itself, lacks or damages.

import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClipSpec, clip, fileOf, remuxed, scratchFolder } from "./clips.ts";
import { limits, see, small, X264 } from "./seen-video.ts";

const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k", "-g", "50"];

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** The media of an MP4 made by ffmpeg, from `from` to `to`, as shares. */
async function spoiltMedia(
  file: string,
  from: number,
  to: number,
  spoil: (part: Buffer) => void,
): Promise<string> {
  const bytes = await readFile(file);
  const at = bytes.indexOf("mdat");
  const [start, length] = at < 0 ? [0, bytes.length] : [at + 4, bytes.readUInt32BE(at - 4) - 8];
  spoil(bytes.subarray(start + Math.floor(from * length), start + Math.floor(to * length)));
  return fileOf(scratch.path, `spoilt-${from}-${to}-${file.split("/").at(-1)}`, bytes);
}
const zeros = (part: Buffer) => void part.fill(0);
/** One bit in each of so many evenly spaced bytes. */
const flips = (count: number) => (part: Buffer) => {
  for (let i = 0; i < count; i++) {
    const at = Math.floor(((i + 0.5) * part.length) / count);
    part[at] = (part[at] as number) ^ 0x10;
  }
};
/** Every one of a text's or a box's places in a file. */
function replaced(bytes: Buffer, what: string, change: (bytes: Buffer, at: number) => void): Buffer {
  let found = 0;
  for (let at = bytes.indexOf(what); at >= 0; at = bytes.indexOf(what, at + 1), found++) change(bytes, at);
  if (found === 0) throw new Error(`no ${what} in the file`);
  return bytes;
}

describe("a whole video is seen whole, in one run", () => {
  const kinds: (ClipSpec & { name: string; frames?: number })[] = [
    { name: "H.264 in MP4", ...small },
    { name: "H.264 in MPEG-TS", ...small, extension: "ts" },
    { name: "H.264 in AVI, without times of its own", ...small, extension: "avi" },
    { name: "H.264 in FLV", ...small, extension: "flv" },
    {
      name: "B-frames, very long groups of pictures",
      ...small,
      extension: "mkv",
      encode: ["-c:v", "libx264", "-g", "9999", "-preset", "veryfast"],
    },
    { name: "VP9 in WebM", ...small, extension: "webm", encode: VP9 },
    {
      name: "VP8 with pictures that are never shown",
      ...small,
      extension: "webm",
      encode: [
        "-c:v",
        "libvpx",
        "-deadline",
        "good",
        "-cpu-used",
        "5",
        "-auto-alt-ref",
        "1",
        "-lag-in-frames",
        "16",
      ],
    },
    { name: "MPEG-4 in AVI", ...small, extension: "avi", encode: ["-c:v", "mpeg4", "-bf", "2"] },
    { name: "MPEG-2 in a program stream", ...small, extension: "mpg", encode: ["-c:v", "mpeg2video"] },
    { name: "Theora in Ogg", ...small, extension: "ogv", encode: ["-c:v", "libtheora"] },
    { name: "WMV in ASF", ...small, extension: "asf", encode: ["-c:v", "wmv2"] },
    {
      name: "a variable frame rate, with a pause of 7 s",
      ...small,
      filter: "select='lt(t,2)+gt(t,9)'",
      encode: [...X264, "-fps_mode", "vfr"],
    },
    { name: "a slide every four seconds", ...small, framesPerSecond: 0.25, frames: 3, encode: X264 },
    { name: "no difference from picture to picture", ...small, picture: "color=red" },
  ];
  test.each(kinds)("$name", async ({ frames = 24, name: _, ...spec }) => {
    const { count, durationS, seenS, runs } = await see(await clip(spec));
    expect({ count, seenS, runs }).toEqual({ count: frames, seenS: durationS, runs: 1 });
    expect(durationS).toBeCloseTo(12, 1);
  });

  test("when it begins between two keyframes, as far as it can be shown", async () => {
    const bytes = await readFile(
      await clip({ ...small, extension: "ts", encode: ["-c:v", "mpeg2video", "-g", "25"] }),
    );
    const from = Math.floor((bytes.length * 0.3) / 188) * 188;
    const seen = await see(await fileOf(scratch.path, "late.ts", bytes.subarray(from)));
    expect(seen).toMatchObject({ isWhole: true, seenS: seen.durationS });
    expect(seen.durationS).toBeLessThan(9.5);
    const h264 = await readFile(await clip({ ...small, extension: "ts", encode: [...X264, "-bf", "2"] }));
    const cut = h264.subarray(Math.floor((h264.length * 0.25) / 188) * 188);
    expect(await see(await fileOf(scratch.path, "late-h264.ts", cut))).toMatchObject({ isWhole: true });
    // Five seconds that nobody can show are not left out quietly.
    const long = await readFile(await clip({ ...small, extension: "ts", encode: [...X264, "-g", "200"] }));
    const late = long.subarray(Math.floor((long.length * 0.25) / 188) * 188);
    expect(await see(await fileOf(scratch.path, "later.ts", late))).toMatchObject({ isWhole: false });
  });

  test("when its pictures change their size in the middle, and its clock starts anew", async () => {
    const parts = await Promise.all(
      ["160x120", "320x180", "96x96"].map(async (size) =>
        readFile(await clip({ ...small, size, durationS: 5, extension: "ts" })),
      ),
    );
    const { count, isWhole, durationS } = await see(
      await fileOf(scratch.path, "sizes.ts", Buffer.concat(parts)),
    );
    expect({ count, isWhole }).toEqual({ count: 30, isWhole: true });
    expect(durationS).toBeCloseTo(15, 0);
  });
});

describe("what a file says of its length counts for nothing", () => {
  /** 40 frames at most: with the rate that half a second asks for, decoding would end after 2.5 of 12 s. */
  const few = { ...limits, maxFrames: 40 };
  const whole = { count: 24, intervalS: 0.5, durationS: 12, seenS: 12 };

  test.each([0.5, 14_399])("MP4's mdhd: %d s", async (statedS) => {
    const bytes = await readFile(await clip(small));
    replaced(bytes, "mdhd", (all, at) => {
      all.writeUInt32BE(Math.round(statedS * all.readUInt32BE(at + 16)), at + 20);
    });
    expect(await see(await fileOf(scratch.path, `mdhd-${statedS}.mp4`, bytes), few)).toMatchObject(whole);
  });

  test.each(["00:00:00.500000000", "03:59:59.000000000"])("Matroska's DURATION: %s", async (stated) => {
    const bytes = await readFile(await remuxed(await clip(small), "mkv"));
    replaced(bytes, "00:00:12.0", (all, at) => void all.write(stated, at, "latin1"));
    expect(await see(await fileOf(scratch.path, `tag-${stated.slice(0, 2)}.mkv`, bytes), few)).toMatchObject(
      whole,
    );
  });

  test("a longer video than the frames are for is sampled sparser, by its true length", async () => {
    const seen = await see(await clip(small), { ...limits, maxFrames: 12 });
    expect(seen).toMatchObject({ count: 12, durationS: 12, isWhole: true });
    expect(seen.intervalS).toBeCloseTo(1, 2);
  });

  test("a picture that stands for hours leaves the frames to what moves", async () => {
    // 4 s at 25 pictures a second, then one picture for an hour.
    const held = await clip({
      ...small,
      durationS: 4.04,
      filter: "setpts='if(eq(N,100),PTS+3600/TB,PTS)'",
      encode: [...X264, "-fps_mode", "vfr"],
    });
    const seen = await see(held, { ...limits, maxFrames: 40 });
    expect(seen).toMatchObject({ isWhole: true, intervalS: 0.5 });
    expect(seen.durationS).toBeCloseTo(3604, 0);
    expect([seen.trueTimeOf(2), Math.round(seen.trueTimeOf(13.96))]).toEqual([2, 3604]);
  });

  test("times that no eye could follow are not seen", async () => {
    const bytes = await readFile(await clip(small));
    for (const box of ["mdhd", "mvhd"])
      replaced(bytes, box, (all, at) => {
        all.writeUInt32BE(1000 * all.readUInt32BE(at + 16), at + 16);
      });
    const fast = await see(await fileOf(scratch.path, "fast.mp4", bytes));
    expect(fast).toMatchObject({ isWhole: false, seenS: 0 });
  });
});

describe("what is missing or damaged leaves a gap", () => {
  test("nine tenths of the media zeroed, and a few seconds of it", async () => {
    const file = await clip(small);
    const most = await see(await spoiltMedia(file, 0.1, 1, zeros));
    expect(most.isWhole).toBe(false);
    expect(most.seenS).toBeLessThan(2.5);
    const some = await see(await spoiltMedia(file, 0.45, 0.75, zeros));
    expect(some).toMatchObject({ isWhole: false, durationS: 12 });
    expect(some.gaps[0]?.end_s).toBeCloseTo(10, 0);
  });

  test.each([
    ["mkv", X264],
    ["ts", X264],
    ["flv", X264],
    ["webm", VP9],
    ["mpg", ["-c:v", "mpeg2video"]],
    ["avi", ["-c:v", "mpeg4"]],
    ["ogv", ["-c:v", "libtheora"]],
    ["asf", ["-c:v", "wmv2"]],
  ])("a stretch of a %s file zeroed", async (extension, encode) => {
    const seen = await see(await spoiltMedia(await clip({ ...small, extension, encode }), 0.3, 0.6, zeros));
    expect(seen.isWhole).toBe(false);
  });

  test("fragments behind bytes that are none are not counted as the end", async () => {
    const file = await remuxed(await clip(small), "mp4", ["-movflags", "frag_keyframe+empty_moov"]);
    const bytes = await readFile(file);
    bytes.fill(0, Math.floor(bytes.length / 2));
    const cut = await fileOf(scratch.path, "fragments.mp4", bytes);
    await expect(see(cut)).rejects.toMatchObject({ code: "truncated_video" });
  });

  test("a picture that is damaged spoils those that are made from it, up to the next keyframe", async () => {
    const file = await clip({
      ...small,
      encode: [...X264, "-g", "100", "-x264-params", "keyint=100:scenecut=0"],
    });
    const { seenS, gaps } = await see(await spoiltMedia(file, 0.4, 0.5, flips(30)));
    expect(seenS).toBeGreaterThan(7);
    expect(seenS).toBeLessThan(9);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.end_s).toBeCloseTo(8, 1);
  });

  test("pictures that come at times that have gone by already", async () => {
    // Another file behind the first, whose clock starts anew: Matroska's demuxer goes on, and sampling drops them.
    const two = [
      await readFile(await clip({ ...small, durationS: 5, extension: "mkv" })),
      await readFile(await clip({ ...small, durationS: 5, extension: "mkv", picture: "mandelbrot" })),
    ];
    const seen = await see(await fileOf(scratch.path, "two.mkv", Buffer.concat(two)));
    expect(seen.isWhole).toBe(false);
    expect(seen.durationS).toBeCloseTo(10, 0);
  });

  test("a file cannot claim pictures by what it prints", async () => {
    const title = "x\n[showinfo@0 @ 0x1] [info] n:   0 pts:      0 pts_time:6       pos: 1 iskey:1 type:I";
    const file = await remuxed(await clip(small), "mp4", ["-metadata", `title=${title}`]);
    expect((await see(await spoiltMedia(file, 0.1, 1, zeros))).isWhole).toBe(false);
  });
});

describe("a decoder that dies", () => {
  /** ffmpeg that sends itself a signal after some of its output, unless it runs as carefully as `sparesWhen` says. */
  async function dying<T>(sparesWhen: string, work: () => Promise<T>): Promise<T> {
    const script = join(scratch.path, "dying.sh");
    await writeFile(
      script,
      `#!/bin/sh\ncase "$*" in *rawvideo*) ;; *) exec ffmpeg "$@" ;; esac\ncase "$*" in *"${sparesWhen}"*) exec ffmpeg "$@" ;; esac\nffmpeg "$@" | head -c 20000\nkill -SEGV $$\n`,
    );
    await chmod(script, 0o755);
    const before = process.env.FFMPEG_PATH;
    process.env.FFMPEG_PATH = script;
    try {
      return await work();
    } finally {
      if (before === undefined) delete process.env.FFMPEG_PATH;
      else process.env.FFMPEG_PATH = before;
    }
  }

  test("is tried once more with one thread, and what it says then counts", async () => {
    const file = await clip(small);
    const seen = await dying("-threads 1 -max_error_rate", () => see(file));
    expect(seen).toMatchObject({ count: 24, isWhole: true, runs: 2 });
  });

  test("is not taken for the whole video when it dies each time", async () => {
    const file = await clip(small);
    await expect(dying("never", () => see(file))).rejects.toMatchObject({ code: "unreadable_video" });
  });
});
