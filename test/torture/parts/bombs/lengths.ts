// Videos that take time: more pictures, packets or seconds than their bytes let one think.

import { type Bomb, madeByFfmpeg, madeInSteps, madeOfClip, setAfter } from "./bomb.ts";

const X264 = "-c:v libx264 -preset ultrafast -threads 1";
const SMALL = `-f lavfi -i testsrc=size=64x64:rate=25 -frames:v 50 ${X264}`;

/** A clip's packets, again and again: large to read, nothing to make. */
const repeated = (name: string, first: string, times: number, into: string) =>
  madeInSteps("many packets", name, async (draft, before, ffmpeg) => {
    await ffmpeg(`${first} -f matroska ${before}`);
    await ffmpeg(`-stream_loop ${times} -i ${before} -map 0 -c copy ${into} ${draft}`);
  });
const TINY = "-f lavfi -i color=size=16x16:rate=1000 -frames:v 1000 -c:v mpeg4 -g 1000";
const DENSE = `-f lavfi -i color=size=3840x2160:rate=50 -frames:v 250 ${X264} -g 250`;

const stated = (name: string, change: (clip: Buffer) => Buffer) =>
  madeOfClip("lying duration", name, SMALL, change);

export const LENGTHS: readonly Bomb[] = [
  stated("mdhd-of-years.mp4", (clip) => setAfter(clip, "mdhd", 20, 0xfffffff0)),
  stated("mvhd-of-years.mp4", (clip) => setAfter(clip, "mvhd", 20, 0xfffffff0)),
  stated("timescale-1.mp4", (clip) => setAfter(clip, "mdhd", 16, 1)),
  stated("timescale-most.mp4", (clip) => setAfter(clip, "mdhd", 16, 0x7fffffff)),
  stated("delta-most.mp4", (clip) => setAfter(clip, "stts", 16, 0x7fffffff)),
  madeByFfmpeg("sparse", "one-a-day.mp4", `-f lavfi -i testsrc=size=64x64:rate=1/86400 -frames:v 40 ${X264}`),
  madeByFfmpeg(
    "sparse",
    "four-hours-one-a-second.mp4",
    `-f lavfi -i color=size=64x64:rate=1 -frames:v 14300 ${X264}`,
  ),
  madeByFfmpeg(
    "fast",
    "million-a-second.mp4",
    `-f lavfi -i testsrc=size=64x64:rate=1000000 -frames:v 2000 ${X264}`,
  ),
  madeByFfmpeg(
    "fast",
    "million-a-second.mkv",
    `-f lavfi -i testsrc=size=64x64:rate=1000000 -frames:v 2000 ${X264}`,
  ),
  repeated("million-packets.mp4", TINY, 1000, "-f mp4"),
  repeated("million-packets.mkv", TINY, 1000, "-f matroska"),
  repeated("million-packets.avi", TINY, 1000, "-f avi"),
  repeated(
    "million-packets.flv",
    `-f lavfi -i color=size=16x16:rate=1000 -frames:v 1000 -c:v flv`,
    1000,
    "-f flv",
  ),
  repeated("black-for-hours-4k.mp4", DENSE, 400, "-f mp4"),
  repeated("black-for-hours-4k.mkv", DENSE, 400, "-f matroska"),
];
