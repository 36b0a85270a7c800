import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_MEDIA_LIMITS, probeVideo } from "../src/media/index.ts";
import { clip, fileOf, madeBy, remuxed, scratchFolder } from "./clips.ts";
import { movNamingAnotherFile } from "./media-external-reference.ts";

const limits = DEFAULT_MEDIA_LIMITS;
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k"];

describe("a video in any of the usual containers", () => {
  test.each([
    { extension: "mp4", encode: undefined, codec: "h264", container: "mp4" },
    { extension: "mov", encode: undefined, codec: "h264", container: "mov" },
    { extension: "mkv", encode: undefined, codec: "h264", container: "matroska" },
    { extension: "ts", encode: undefined, codec: "h264", container: "mpegts" },
    { extension: "flv", encode: undefined, codec: "h264", container: "flv" },
    { extension: "webm", encode: VP9, codec: "vp9", container: "webm" },
    { extension: "avi", encode: ["-c:v", "mpeg4"], codec: "mpeg4", container: "avi" },
    { extension: "mpg", encode: ["-c:v", "mpeg2video"], codec: "mpeg2video", container: "mpeg" },
    { extension: "ogv", encode: ["-c:v", "libtheora"], codec: "theora", container: "ogg" },
    { extension: "asf", encode: ["-c:v", "wmv2"], codec: "wmv2", container: "asf" },
  ])("is described: $codec in $extension", async ({ extension, encode, codec, container }) => {
    const probed = await probeVideo(await clip({ extension, ...(encode ? { encode } : {}) }), limits);
    expect(probed).toMatchObject({ codec, width: 320, height: 240, frameRate: 25 });
    expect(probed.container.split(",")).toContain(container);
    expect(probed.durationS).toBeGreaterThan(2.8);
    expect(probed.durationS).toBeLessThan(3.2);
  });

  test("lasts as long as its picture, not as its longer sound", async () => {
    const file = await madeBy("mp4", [
      ...["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-f", "lavfi", "-i", "sine=d=5"],
      ...["-c:v", "libx264", "-preset", "ultrafast"],
    ]);
    expect((await probeVideo(file, limits)).durationS).toBeCloseTo(2, 1);
  });

  test("is counted through when it states no duration", async () => {
    const file = await remuxed(await clip(), "mkv", ["-f", "matroska", "-live", "1"]);
    const { durationS } = await probeVideo(file, limits);
    expect(durationS).toBeCloseTo(3, 1);
    const flv = await remuxed(await clip(), "flv", ["-flvflags", "no_duration_filesize"]);
    expect((await probeVideo(flv, limits)).durationS).toBeCloseTo(3, 0);
  });

  test("has the size that is shown when it is turned", async () => {
    const turned = await remuxed(await clip(), "mp4", ["-metadata:s:v", "rotate=90"]);
    expect(await probeVideo(turned, limits)).toMatchObject({ width: 240, height: 320 });
    const upsideDown = await remuxed(await clip(), "mp4", ["-metadata:s:v", "rotate=180"]);
    expect(await probeVideo(upsideDown, limits)).toMatchObject({ width: 320, height: 240 });
  });

  test("is found beside a cover image", async () => {
    const cover = await madeBy("png", ["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1"]);
    const file = await madeBy("mp4", [
      ...["-i", cover, "-i", await clip(), "-map", "0", "-map", "1", "-c", "copy"],
      ...["-disposition:v:0", "attached_pic"],
    ]);
    expect(await probeVideo(file, limits)).toMatchObject({ codec: "h264", width: 320 });
  });
});

describe("what is no usable video", () => {
  test("sound alone has no video stream", async () => {
    const file = await madeBy("mp4", ["-f", "lavfi", "-i", "sine=d=2"]);
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "no_video_stream" });
  });

  test("sound with a cover image has no video stream", async () => {
    const file = await madeBy("mp4", [
      ...["-f", "lavfi", "-i", "color=red:s=64x64", "-f", "lavfi", "-i", "sine=d=2"],
      ...[
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-frames:v",
        "1",
        "-c:v",
        "mjpeg",
        "-disposition:v:0",
        "attached_pic",
      ],
    ]);
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "no_video_stream" });
  });

  test("a file of no bytes is empty", async () => {
    const file = await fileOf(scratch.path, "empty.mp4", "");
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "empty_video" });
  });

  test.each([
    { name: "a text", content: "This is no video.\n".repeat(200) },
    { name: "zeros", content: new Uint8Array(100_000) },
    { name: "a web page", content: "<!doctype html><html><body>Not found</body></html>" },
    { name: "a subtitle file", content: "1\n00:00:00,000 --> 00:00:02,000\nHello\n" },
  ])("$name cannot be read", async ({ name, content }) => {
    const file = await fileOf(scratch.path, `${name}.mp4`, content);
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "unreadable_video" });
  });

  test("a header without a single frame has no duration", async () => {
    const fragmented = await readFile(
      await remuxed(await clip(), "mp4", ["-movflags", "empty_moov+frag_keyframe"]),
    );
    const header = fragmented.subarray(0, fragmented.indexOf("moof") - 4);
    const file = await fileOf(scratch.path, "header.mp4", header);
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "zero_duration" });
  });

  test("a video over the allowed duration is too long", async () => {
    const probing = probeVideo(await clip(), { ...limits, maxDurationS: 2 });
    await expect(probing).rejects.toMatchObject({ code: "video_too_long" });
  });

  test("a picture over the allowed size is refused", async () => {
    const probing = probeVideo(await clip(), { ...limits, maxPixels: 320 * 240 - 1 });
    await expect(probing).rejects.toMatchObject({ code: "media_limit_exceeded" });
  });
});

describe("a file that names other files", () => {
  test.each([
    {
      format: "HLS playlist",
      text: (other: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${other}\n`,
    },
    { format: "concat script", text: (other: string) => `ffconcat version 1.0\nfile '${other}'\n` },
    {
      format: "DASH manifest",
      text: (other: string) =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${other}</BaseURL></MPD>`,
    },
    { format: "SDP", text: () => "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n" },
  ])("is not followed: $format under the name of a video", async ({ format, text }) => {
    // A transport stream would play from each of these, so only the refusal keeps it shut.
    const other = await clip({ extension: "ts" });
    const file = await fileOf(scratch.path, `${format}.mp4`, text(other));
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "unreadable_video" });
  });

  test("is not followed: a movie whose samples lie in another file", async () => {
    const { file, opensWhenAllowed } = await movNamingAnotherFile(scratch.path);
    expect(await opensWhenAllowed()).toBe(true);
    await expect(probeVideo(file, limits)).rejects.toMatchObject({ code: "zero_duration" });
  });
});

test("no problem shows a path or ffmpeg's words", async () => {
  const file = await fileOf(scratch.path, "secret-name.mp4", "nothing");
  const error = await probeVideo(file, limits).catch((reason: Error) => reason);
  expect(String((error as Error).message)).not.toMatch(/secret-name|Invalid data|ffprobe/);
});
