// Pictures that take memory: giant ones, and many that are held at once.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { type Bomb, madeByFfmpeg, madeInSteps, madeOfClip, setAfter } from "./bomb.ts";

const color = (size: string, rate = 1, seconds = 1) =>
  `-f lavfi -i color=size=${size}:rate=${rate}:duration=${seconds}`;
const giant = (name: string, words: string) => madeByFfmpeg("giant picture", name, words);
const held = (name: string, words: string) => madeByFfmpeg("many references", name, words);
const X264 = "-c:v libx264 -preset ultrafast -threads 1";
const X265 = "-c:v libx265 -preset ultrafast -x265-params log-level=error:pools=1:frame-threads=1";
const MOVING = "-f lavfi -i testsrc=size=8192x4320:rate=25 -frames:v 20";

/** A small video whose parameter sets change to giant ones: Annex B streams one after the other. */
const growing = (name: string, into: string) =>
  madeInSteps("growing picture", name, async (draft, before, ffmpeg) => {
    await ffmpeg(`-f lavfi -i testsrc=size=320x240:rate=25 -frames:v 50 ${X264} -f h264 ${before}`);
    await ffmpeg(
      `-f lavfi -i testsrc=size=8192x4320:rate=25 -frames:v 12 ${X264} -refs 16 -f h264 ${before}.giant`,
    );
    appendFileSync(before, readFileSync(`${before}.giant`));
    writeFileSync(`${before}.giant`, "");
    await ffmpeg(`-f h264 -r 25 -i ${before} -c copy ${into} ${draft}`);
  });

export const PICTURES: readonly Bomb[] = [
  giant("png-16k.mov", `${color("16000x16000")} -c:v png -pix_fmt gray`),
  giant("mjpeg-16k.mov", `${color("16000x16000")} -c:v mjpeg`),
  giant("mjpeg-16k.avi", `${color("16000x16000")} -c:v mjpeg`),
  giant("hevc-10k.mp4", `${color("10240x6016")} ${X265}`),
  giant("h264-10k.mp4", `${color("10240x6016")} ${X264}`),
  giant("vp9-10k.webm", `${color("10240x6016")} -c:v libvpx-vp9 -deadline realtime -cpu-used 8`),
  giant("mpeg4-8k.mp4", `${color("8191x8191")} -c:v mpeg4`),
  giant("av1-8k.mp4", `${color("8192x4320")} -c:v libsvtav1 -preset 13 -svtav1-params lp=1`),
  // A size within the limits in the header, and another one in the stream.
  madeOfClip("lying size", "says-small.mov", `${color("12000x12000")} -c:v png -pix_fmt gray`, (clip) =>
    setAfter(clip, "png ", 28, (320 << 16) | 240),
  ),
  madeOfClip("lying size", "says-giant.mp4", `${color("320x240", 25)} ${X264}`, (clip) =>
    setAfter(clip, "avc1", 28, 0xffffffff),
  ),
  held("h264-16.mp4", `${MOVING} ${X264} -refs 16`),
  held("h264-16-ten-bits.mp4", `${MOVING} ${X264} -refs 16 -pix_fmt yuv420p10le`),
  held("h264-16-full-colour.mkv", `${MOVING} ${X264} -refs 16 -pix_fmt yuv444p`),
  held("h264-16-says-level-1.mp4", `${MOVING} ${X264} -refs 16 -bsf:v h264_metadata=level=1`),
  held("h264-16-says-level-6.ts", `${MOVING} ${X264} -refs 16 -bsf:v h264_metadata=level=6.2`),
  held("hevc-8k.mp4", `${MOVING} ${X265}`),
  held("hevc-8k-says-level-1.mp4", `${MOVING} ${X265} -bsf:v hevc_metadata=level=1`),
  held("vp9-8k.webm", `${MOVING} -c:v libvpx-vp9 -deadline realtime -cpu-used 8`),
  growing("grows.ts", "-f mpegts"),
  growing("grows.mkv", "-f matroska"),
  growing("grows.mp4", "-f mp4"),
];
