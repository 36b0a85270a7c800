import { execa } from "execa";

const MOST_FRAMES_PER_S = 30;
const MOST_SHORT_SIDE = 720;
const SHORTEST_S = 1;

/** A clip as edits take it: upright, square pixels, even sizes, a steady frame rate. */
export interface Picture {
  width: number;
  height: number;
  rate: number;
  durationS: number;
  hasSound: boolean;
  codec: string;
}

interface Stream {
  codec_type: string;
  codec_name?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  avg_frame_rate?: string;
  duration?: string;
  disposition?: { attached_pic?: number };
  side_data_list?: { rotation?: number }[];
}

export const even = (length: number) => Math.max(16, 2 * Math.round(length / 2));

/** Throws when the file is no video that edits can be made of. */
export async function probePicture(file: string): Promise<Picture> {
  const { streams, format } = await ffprobe(file);
  const picture = streams.find(
    ({ codec_type, disposition }) => codec_type === "video" && !disposition?.attached_pic,
  );
  if (!picture?.width || !picture.height) throw new Error("it has no picture");
  const durationS = Number.parseFloat(picture.duration ?? format.duration ?? "") || 0;
  if (durationS < SHORTEST_S) throw new Error(`it is shorter than ${SHORTEST_S} s`);
  if (!(await showsItsEnd(file, durationS))) throw new Error("its picture cannot be decoded up to its end");
  const turned = (picture.side_data_list ?? []).some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  const wide = picture.width * (ratio(picture.sample_aspect_ratio?.replace(":", "/")) || 1);
  const [width, height] = turned ? [picture.height, wide] : [wide, picture.height];
  const smaller = Math.min(1, MOST_SHORT_SIDE / Math.min(width, height));
  const rate = Math.min(MOST_FRAMES_PER_S, ratio(picture.avg_frame_rate) || 25);
  return {
    width: even(width * smaller),
    height: even(height * smaller),
    rate: Math.max(1, Number(rate.toFixed(2))),
    durationS,
    hasSound: streams.some(({ codec_type }) => codec_type === "audio"),
    codec: picture.codec_name ?? "",
  };
}

async function ffprobe(file: string): Promise<{ streams: Stream[]; format: { duration?: string } }> {
  const args = ["-v", "error", "-show_streams", "-show_format", "-of", "json", file];
  try {
    return JSON.parse((await execa("ffprobe", args)).stdout);
  } catch {
    throw new Error("ffprobe cannot read it");
  }
}

/** False for files that were cut off, and for pictures that this ffmpeg has no decoder for. */
async function showsItsEnd(file: string, durationS: number): Promise<boolean> {
  const from = Math.max(0, durationS - 2).toFixed(2);
  const frame = ["-map", "0:v:0", "-frames:v", "1", "-vf", "scale=16:16", "-pix_fmt", "gray"];
  const args = ["-nostdin", "-v", "error", "-ss", from, "-i", file, ...frame, "-f", "rawvideo", "-"];
  try {
    return (await execa("ffmpeg", args, { encoding: "buffer" })).stdout.length > 0;
  } catch {
    return false;
  }
}

/** Of `30000/1001`; 0 when there is none. */
function ratio(text = ""): number {
  const [over = 0, under = 1] = text.split("/").map(Number);
  return Number.isFinite(over / under) ? over / under : 0;
}
