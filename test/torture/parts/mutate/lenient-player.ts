// What a player that puts up with everything shows of a file: ffmpeg without our guards, our times and our judgement.

import { spawn } from "node:child_process";
import { CELLS, type ReadPicture, readCells } from "./numbered-pictures.ts";

export interface ShownPicture extends ReadPicture {
  /** Seconds until the next one. */
  shownS: number;
}

const MOST_STREAMS = 3;
const MOST_PICTURES = 5000;
const TIME_LIMIT_MS = 20_000;
/** A picture that stands is content of one moment. */
const LONGEST_S = 0.5;
const USUAL_S = 0.1;

interface Played {
  pixels: Buffer;
  log: string;
}

function play(file: string, stream: number): Promise<Played> {
  const filters = `showinfo=checksum=0,scale=${8 * CELLS}:${8 * CELLS}:flags=area,format=gray`;
  const child = spawn("ffmpeg", [
    ...[
      "-nostdin",
      "-hide_banner",
      "-v",
      "info",
      "-nostats",
      "-err_detect",
      "ignore_err",
      "-max_error_rate",
      "1",
    ],
    ...["-protocol_whitelist", "file,pipe", "-threads", "1", "-i", `file:${file}`, "-map", `0:v:${stream}`],
    ...["-fps_mode", "passthrough", "-filter:v", filters, "-frames:v", String(MOST_PICTURES)],
    ...["-f", "rawvideo", "pipe:1"],
  ]);
  const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
  const pixels: Buffer[] = [];
  let log = "";
  child.stdout.on("data", (part) => pixels.push(part));
  child.stderr.setEncoding("utf8").on("data", (part) => {
    log += part;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", () => {
      clearTimeout(timer);
      resolve({ pixels: Buffer.concat(pixels), log });
    });
  });
}

function picturesOf({ pixels, log }: Played): ShownPicture[] {
  const side = 8 * CELLS;
  const times = [...log.matchAll(/ pts_time:\s*(\S+)/g)].map(([, text]) => Number(text));
  const shown: ShownPicture[] = [];
  for (let i = 0; (i + 1) * side * side <= pixels.length; i++) {
    const picture = readCells(means(pixels.subarray(i * side * side, (i + 1) * side * side)));
    if (picture === null) continue;
    const lastsS = (times[i + 1] ?? Number.NaN) - (times[i] ?? Number.NaN);
    // A player that meets a time that goes back, or none, shows the picture as long as the others.
    const shownS = lastsS >= 0 ? Math.min(lastsS, LONGEST_S) : USUAL_S;
    shown.push({ ...picture, shownS });
  }
  return shown;
}

/** Of the middle of each cell. */
function means(gray: Buffer): number[] {
  return Array.from({ length: CELLS * CELLS }, (_, cell) => {
    const [row, column] = [Math.floor(cell / CELLS), cell % CELLS];
    let sum = 0;
    for (let y = 2; y < 6; y++)
      for (let x = 2; x < 6; x++) sum += gray[(8 * row + y) * 8 * CELLS + 8 * column + x] as number;
    return sum / 16;
  });
}

/** The numbered pictures of the file's first streams. */
export async function shownLeniently(file: string): Promise<ShownPicture[]> {
  const first = await play(file, 0);
  const head = first.log.slice(0, first.log.indexOf("Stream mapping"));
  const streams = Math.min(MOST_STREAMS, head.match(/Stream #0:\d+.*: Video:/g)?.length ?? 0);
  const all = picturesOf(first);
  for (let stream = 1; stream < streams; stream++) all.push(...picturesOf(await play(file, stream)));
  return all;
}
