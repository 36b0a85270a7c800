// What a player that puts up with everything shows of a file: ffmpeg without our guards, our times and our judgement.

import { spawn } from "node:child_process";
import { cellsOf, SIDE } from "./numbered-pictures.ts";

export interface ShownPicture {
  /** Mean brightness of each cell. */
  cells: number[];
  /** When it is shown, seconds from the first one of its stream; steps that make no sense are mended. */
  atS: number;
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
  const filters = `showinfo=checksum=0,scale=${SIDE}:${SIDE}:flags=area,format=rgb24`;
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
  const times = [...log.matchAll(/ pts_time:\s*(\S+)/g)].map(([, text]) => Number(text));
  const bytes = 3 * SIDE * SIDE;
  const shown: ShownPicture[] = [];
  let atS = 0;
  for (let i = 0; (i + 1) * bytes <= pixels.length; i++) {
    const lastsS = (times[i + 1] ?? Number.NaN) - (times[i] ?? Number.NaN);
    // A player that meets a time that goes back, or none, shows the picture as long as the others.
    const shownS = lastsS >= 0 ? Math.min(lastsS, LONGEST_S) : USUAL_S;
    shown.push({ cells: cellsOf(pixels.subarray(i * bytes, (i + 1) * bytes)), atS, shownS });
    atS += shownS;
  }
  return shown;
}

/** The pictures of each of the file's first streams, in the order in which they are shown. */
export async function shownLeniently(file: string): Promise<ShownPicture[][]> {
  const first = await play(file, 0);
  const head = first.log.slice(0, first.log.indexOf("Stream mapping"));
  const streams = Math.min(MOST_STREAMS, head.match(/Stream #0:\d+.*: Video:/g)?.length ?? 0);
  const all = [picturesOf(first)];
  for (let stream = 1; stream < streams; stream++) all.push(picturesOf(await play(file, stream)));
  return all;
}
