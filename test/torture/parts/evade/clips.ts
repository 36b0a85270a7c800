// References of all sorts, re-encoded copies of them, and pictures that hide them. Made once and kept.

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { clip, madeBy } from "@twinframe/gpu-backend/testing/clips";

/** Of a reference and of what is copied from it. */
const COPY_S = 8;

export interface Encoding {
  extension?: string;
  /** Encoder options; H.264 when absent. */
  encode?: string[];
  size?: string;
  rate?: number;
  seconds?: number;
  filter?: string;
  /** Options of the muxer. */
  muxing?: string[];
}

export interface Reference {
  name: string;
  file: string;
}

const RATE = 25;
const stills = (start: string) => `mandelbrot=${start}:end_scale=0.01:end_pts=8`;

/** lavfi sources that take size and rate. */
const MADE: Record<string, { picture: string; filter?: string; rate?: number }> = {
  "test-card": { picture: "testsrc2" },
  zoom: { picture: "mandelbrot=start_x=-0.743:start_y=-0.131:start_scale=1:end_scale=0.0005:end_pts=250" },
  spiral: {
    picture:
      "mandelbrot=start_x=-0.1011:start_y=0.9563:start_scale=2:end_scale=0.002:end_pts=250:inner=period",
  },
  patterns: { picture: "gradients=nb_colors=6:seed=11:speed=0.04" },
  slideshow: { picture: stills("start_x=-0.75:start_y=0.1:start_scale=2"), rate: 0.5 },
  screencast: {
    picture: "cellauto=rule=30:seed=5:scroll=1",
    filter: "negate,drawbox=0:0:iw:ih/8:steelblue:fill,drawbox=0:0:iw/6:ih:gray:fill",
  },
};

/** Clips of the evaluation's folder of real videos, where this machine has it. */
function realVideos(root: string): string[] {
  const folders = [process.env.TORTURE_VIDEOS, join(root, "../shared/data/videos")].filter(
    (one) => one !== undefined,
  );
  const folder = folders.map((one) => resolve(one)).find(existsSync);
  if (folder === undefined) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".mp4"));
  return names.sort().map((name) => join(folder, name));
}

/** `most` at most of the real ones, spread over all. */
export async function references(root: string, most: number): Promise<Reference[]> {
  const real = realVideos(root);
  const step = Math.max(1, Math.floor(real.length / most));
  return [
    ...(await Promise.all(
      Object.entries(MADE).map(async ([name, { picture, filter, rate = RATE }]) => ({
        name,
        file: await clip({
          picture,
          size: "320x180",
          framesPerSecond: rate,
          durationS: COPY_S,
          filter: [filter, `fps=${RATE}`].filter(Boolean).join(","),
          encode: "-c:v libx264 -preset veryfast -crf 20 -pix_fmt yuv420p".split(" "),
        }),
      })),
    )),
    ...real
      .filter((_, i) => i % step === 0)
      .slice(0, most)
      .map((file) => ({ name: `real ${file.split("/").at(-1)}`, file })),
  ];
}

const H264 = "-c:v libx264 -preset ultrafast -crf 30 -g 25 -pix_fmt yuv420p".split(" ");

const videoOptions = ({ encode = H264, size = "256x144", rate = RATE, filter, muxing = [] }: Encoding) => [
  ...[
    "-an",
    "-vf",
    [filter, `scale=${size.replace("x", ":")}`, "setsar=1", `fps=${rate}`].filter(Boolean).join(","),
  ],
  ...[...encode, "-threads", "2", ...muxing],
];

/** The first seconds of a video, encoded anew: never the packets of the reference. */
export const encoded = (file: string, how: Encoding = {}): Promise<string> =>
  madeBy(how.extension ?? "mp4", ["-t", String(how.seconds ?? COPY_S), "-i", file, ...videoOptions(how)]);

/** Pictures that no reference has. */
export const decoy = (seed: number, how: Encoding = {}): Promise<string> =>
  madeBy(how.extension ?? "mp4", [
    ...["-t", String(how.seconds ?? COPY_S), "-f", "lavfi"],
    ...[
      "-i",
      `life=size=160x90:rate=${RATE}:ratio=0.3:seed=${seed}:mold=12:life_color=#c4a03c:death_color=#203a70`,
    ],
    ...videoOptions(how),
  ]);
