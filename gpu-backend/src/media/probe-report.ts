// ffprobe's JSON, parsed: plain facts about the file, nothing decided.

import { z } from "zod";

/** What ffprobe is asked to print; nothing that a file can fill with text of any length, save tags named here. */
export const PROBE_ENTRIES = [
  "format=format_name,start_time,duration",
  "stream=index,codec_type,codec_name,width,height,pix_fmt,level,avg_frame_rate,r_frame_rate,duration",
  "stream_disposition=default,attached_pic",
  "stream_tags=DURATION,rotate",
  "stream_side_data=rotation",
].join(":");

const decimal = z
  .string()
  .optional()
  .transform((text) => finiteOrNull(Number.parseFloat(text ?? "")));

const streamSchema = z.object({
  index: z.int().min(0),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  pix_fmt: z.string().optional(),
  level: z.int().optional(),
  avg_frame_rate: z.string().optional(),
  r_frame_rate: z.string().optional(),
  duration: decimal,
  disposition: z.object({ default: z.int().optional(), attached_pic: z.int().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
export type ProbedStream = z.infer<typeof streamSchema>;

const reportSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ format_name: z.string(), start_time: decimal, duration: decimal }),
});
export type ProbeReport = z.infer<typeof reportSchema>;

/** Null when the text is no report, which is how ffprobe answers what it cannot read. */
export function parseProbeReport(text: string): ProbeReport | null {
  try {
    return reportSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Seconds that the container states for the stream itself; Matroska does so in a tag ("00:00:30.002000000"). */
export function statedDurationS(stream: ProbedStream): number | null {
  if (stream.duration !== null) return stream.duration;
  const tag = /^(\d+):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(stream.tags?.DURATION ?? "");
  return tag ? Number(tag[1]) * 3600 + Number(tag[2]) * 60 + Number(tag[3]) : null;
}

/** Frames a second: the average where known, else the nominal rate; 0 when the container knows neither. */
export function frameRateOf(stream: ProbedStream): number {
  return ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate) ?? 0;
}

/** Degrees by which the file asks for its picture to be turned; null when it asks for nothing. */
export function rotationOf(stream: ProbedStream): number | null {
  const asked = stream.side_data_list?.find((entry) => entry.rotation !== undefined)?.rotation;
  return asked ?? finiteOrNull(Number.parseFloat(stream.tags?.rotate ?? ""));
}

/** True when ffmpeg shows the picture turned by a quarter, so that width and height change places. */
export function isTurnedByQuarter(stream: ProbedStream): boolean {
  return Math.abs(Math.round((rotationOf(stream) ?? 0) / 90)) % 2 === 1;
}

function ratio(text: string | undefined): number | null {
  const [numerator = Number.NaN, denominator = Number.NaN] = (text ?? "").split("/").map(Number);
  const value = finiteOrNull(numerator / denominator);
  return value !== null && value > 0 ? value : null;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
