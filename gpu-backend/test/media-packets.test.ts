import { describe, expect, test } from "vitest";
import { DEFAULT_MEDIA_LIMITS, hashVideoPackets, inspectVideo, probeVideo } from "../src/media/index.ts";
import { clip, madeBy, remuxed } from "./clips.ts";

const limits = DEFAULT_MEDIA_LIMITS;
const hashOf = async (file: string) => hashVideoPackets(file, await probeVideo(file, limits), limits);

const X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"];
const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k"];
const AV1 = ["-c:v", "libsvtav1", "-preset", "12"];

describe("the packet hash", () => {
  test.each([
    { codec: "h264", encode: undefined, extensions: ["mkv", "ts", "flv", "mov", "avi"] },
    { codec: "hevc", encode: X265, extensions: ["mkv", "ts", "mov"] },
    { codec: "vp9", encode: VP9, extensions: ["mkv", "webm"] },
    { codec: "av1", encode: AV1, extensions: ["mkv", "webm"] },
    { codec: "mpeg4", encode: ["-c:v", "mpeg4"], extensions: ["mkv", "avi"] },
  ])("of $codec is the same in every container: $extensions", async ({ encode, extensions }) => {
    const original = await clip({ sound: false, ...(encode ? { encode } : {}) });
    const expected = await hashOf(original);
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    for (const extension of extensions) {
      const options = extension === "avi" ? ["-bsf:v", "h264_mp4toannexb"] : [];
      const copy = await remuxed(original, extension, encode ? [] : options);
      expect(await hashOf(copy), extension).toBe(expected);
    }
  });

  test("is the same with other tags, other sound, fragments and another start", async () => {
    const original = await clip({ sound: true });
    const expected = await hashOf(original);
    const others = [
      await remuxed(original, "mp4", ["-metadata", "title=Another title", "-metadata:s:v", "language=deu"]),
      await remuxed(original, "mp4", ["-an"]),
      await remuxed(original, "mp4", ["-movflags", "frag_keyframe+empty_moov"]),
      await remuxed(original, "mkv", ["-output_ts_offset", "7"]),
    ];
    for (const other of others) expect(await hashOf(other)).toBe(expected);
  });

  test("differs for another encode of the same pictures", async () => {
    const original = await clip();
    const other = await madeBy("mp4", [
      "-i",
      original,
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-crf",
      "35",
    ]);
    expect(await hashOf(other)).not.toBe(await hashOf(original));
  });

  test("differs for a part of the video", async () => {
    const part = await remuxed(await clip(), "mkv", ["-t", "1"]);
    expect(await hashOf(part)).not.toBe(await hashOf(await clip()));
  });

  test("of a video without a single readable slice is refused: all such videos would be alike", async () => {
    // Parameter sets and messages are left, the pictures are gone.
    const file = await remuxed(await clip(), "mkv", ["-bsf:v", "filter_units=remove_types=1-5"]);
    const hashing = hashVideoPackets(file, { codec: "h264", videoStreamIndex: 0 }, limits);
    await expect(hashing).rejects.toMatchObject({ code: "unreadable_video" });
  });
});

describe("inspecting", () => {
  test.each([
    { codec: "h264", encode: undefined },
    { codec: "hevc", encode: X265 },
    { codec: "vp9", encode: VP9 },
  ])("gives the facts and the hash of $codec that probing and hashing give", async ({ codec, encode }) => {
    const file = await clip(encode ? { encode } : {});
    const { probed, packetsSha256 } = await inspectVideo(file, limits);
    expect(probed.codec).toBe(codec);
    expect(await packetsSha256).toBe(await hashOf(file));
  });

  test("ends with the probe's problem when there is no picture", async () => {
    const file = await madeBy("mp4", ["-f", "lavfi", "-i", "sine=d=2"]);
    await expect(inspectVideo(file, limits)).rejects.toMatchObject({ code: "no_video_stream" });
  });
});
