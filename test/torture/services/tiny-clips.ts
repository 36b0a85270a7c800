// Videos of three seconds and a few kB, each unlike all others, and of each a copy with other bytes: made by the
// dozen in one run of ffmpeg.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../seeded-random.ts";

export interface TinyClip {
  original: Uint8Array<ArrayBuffer>;
  /** Encoded anew at another size. */
  copy: Uint8Array<ArrayBuffer>;
}

const WIDTH = 96;
const HEIGHT = 54;
const FRAMES_PER_SECOND = 12;
const FRAMES = 3 * FRAMES_PER_SECOND;
const BLOBS = 5;

/** Blobs that wander over a slope: I420, frame after frame. */
function rawFrames(random: () => number): Buffer {
  const between = (low: number, high: number) => low + (high - low) * random();
  const blobs = Array.from({ length: BLOBS }, () => ({
    x: between(0, WIDTH),
    y: between(0, HEIGHT),
    size: between(4, 16),
    light: between(-140, 140),
    reachX: between(8, 45),
    reachY: between(4, 25),
    turns: between(0.4, 1.6),
    from: between(0, 6.28),
  }));
  const [slopeX, slopeY, mean] = [between(-1, 1), between(-1, 1), between(80, 170)];
  const [u, v] = [between(70, 186), between(70, 186)];
  const luma = WIDTH * HEIGHT;
  const frame = luma * 1.5;
  const bytes = Buffer.alloc(frame * FRAMES);
  for (let n = 0; n < FRAMES; n++) {
    const places = blobs.map(({ x, y, reachX, reachY, turns, from, size, light }) => {
      const angle = from + (2 * Math.PI * turns * n) / FRAMES;
      return {
        x: x + reachX * Math.cos(angle),
        y: y + reachY * Math.sin(angle),
        light,
        spread: 2 * size * size,
      };
    });
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        let value = mean + slopeX * (x - WIDTH / 2) + slopeY * (y - HEIGHT / 2);
        for (const blob of places)
          value += blob.light * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / blob.spread);
        bytes[n * frame + y * WIDTH + x] = Math.max(16, Math.min(235, value));
      }
    }
    bytes.fill(u, n * frame + luma, n * frame + luma * 1.25);
    bytes.fill(v, n * frame + luma * 1.25, (n + 1) * frame);
  }
  return bytes;
}

/** As many clips as `count`, from the seed, the name and their number alone; kept in the folder. */
export async function tinyClips(
  folder: string,
  seed: number,
  name: string,
  count: number,
): Promise<TinyClip[]> {
  const home = join(folder, "clips", name);
  if (!existsSync(home)) await make(home, seed, name, count);
  const read = async (kind: string, i: number) =>
    new Uint8Array(await readFile(join(home, `${kind}-${i}.mp4`)));
  return Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      original: await read("original", i),
      copy: await read("copy", i),
    })),
  );
}

async function make(home: string, seed: number, name: string, count: number): Promise<void> {
  // Under another name until all are whole.
  const draft = `${home}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const cuts = Array.from({ length: count }, (_, i) => (i + 1) * FRAMES).join(",");
  const coded = (kind: string, ...filter: string[]) => [
    ...["-map", "0:v", ...filter, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
    ...["-crf", kind === "copy" ? "26" : "18", "-g", String(FRAMES), "-keyint_min", String(FRAMES)],
    ...["-sc_threshold", "0", "-f", "segment", "-segment_frames", cuts, "-reset_timestamps", "1"],
    join(draft, `${kind}-%d.mp4`),
  ];
  const input = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${WIDTH}x${HEIGHT}`];
  const ffmpeg = spawn(
    "ffmpeg",
    [
      ...["-nostdin", "-v", "error", ...input, "-r", String(FRAMES_PER_SECOND), "-i", "pipe:0"],
      ...coded("original"),
      ...coded("copy", "-vf", "scale=128:72"),
    ],
    { stdio: ["pipe", "ignore", "inherit"] },
  );
  const ended = once(ffmpeg, "exit");
  for (let i = 0; i < count; i++) {
    const frames = rawFrames(seededRandom(seed, `clip/${name}`, i));
    if (!ffmpeg.stdin.write(frames)) await once(ffmpeg.stdin, "drain");
  }
  ffmpeg.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  await rename(draft, home);
}
