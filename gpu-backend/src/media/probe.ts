// What a file is, before anything is decoded.

import { stat } from "node:fs/promises";
import { ProblemError } from "@twinframe/shared/problem";
import { type DecodingNeeds, decodingNeeds } from "./decoding-memory.ts";
import { missingShare } from "./file-ending.ts";
import { guardArguments } from "./input-guard.ts";
import type { MediaLimits } from "./limits.ts";
import { throwIfStopped, tooManyPixels } from "./outcome.ts";
import { measurePacketSpan } from "./packet-span.ts";
import {
  findVideoStream,
  frameRateOf,
  isTurnedByQuarter,
  PROBE_ENTRIES,
  type ProbedStream,
  type ProbeReport,
  parseProbeReport,
  statedDurationS,
} from "./probe-report.ts";
import { runTool, textCollector } from "./run-tool.ts";
import { INPUT_URL } from "./sandbox/index.ts";

export interface ProbedVideo {
  /** ffmpeg's name of the format family, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** ffmpeg's name, such as `h264`. */
  codec: string;
  /** The video stream's number in the file. */
  videoStreamIndex: number;
  /** Pixels as shown, turned as the file asks. */
  width: number;
  height: number;
  /** Frames a second on average; 0 when unknown. */
  frameRate: number;
  /** Seconds of the video stream; of the whole file where its format states nothing finer. */
  durationS: number;
  /** False when only the whole file's duration is known: its sound may be longer than its picture. */
  durationIsOfVideo: boolean;
  /** Where the video stream starts on the file's clock, seconds. */
  startS: number;
  hasAudio: boolean;
  decoding: DecodingNeeds;
}

const MAX_REPORT_CHARACTERS = 1 << 20;

/**
 * Reads what the file says of itself. Problems: `empty_video`, `unreadable_video`, `truncated_video` (the file is
 * cut and its index is lost), `no_video_stream`, `zero_duration`, `video_too_long`, `media_limit_exceeded`.
 */
export async function probeVideo(
  file: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<ProbedVideo> {
  if ((await stat(file)).size === 0)
    throw new ProblemError("empty_video", "The file has no bytes. Send the whole video file.");
  const { report, durationIsAGuess } = await readReport(file, limits, signal);
  const stream = findVideoStream(report);
  if (!stream)
    throw new ProblemError(
      "no_video_stream",
      "The file holds no moving picture, only sound or a cover image. Send a video.",
    );
  const { width, height } = shownSize(stream, limits);
  const { durationS, durationIsOfVideo } = await durationOf(
    file,
    report,
    stream,
    durationIsAGuess,
    limits,
    signal,
  );
  if (durationS > limits.maxDurationS)
    throw new ProblemError(
      "video_too_long",
      `The video is ${Math.ceil(durationS)} seconds long; at most ${limits.maxDurationS} are allowed.`,
    );
  const codec = stream.codec_name ?? "unknown";
  return {
    container: report.format.format_name,
    codec,
    videoStreamIndex: stream.index,
    width,
    height,
    frameRate: frameRateOf(stream),
    durationS,
    durationIsOfVideo,
    startS: stream.start_time ?? 0,
    hasAudio: report.streams.some(({ codec_type }) => codec_type === "audio"),
    decoding: decodingNeeds({ codec, width, height, pixelFormat: stream.pix_fmt, level: stream.level }),
  };
}

async function readReport(file: string, limits: MediaLimits, signal?: AbortSignal) {
  const output = textCollector(MAX_REPORT_CHARACTERS);
  const outcome = await runTool(
    {
      tool: "ffprobe",
      file,
      arguments: [
        ...["-v", "warning"],
        ...guardArguments(limits),
        ...["-show_entries", PROBE_ENTRIES, "-of", "json=c=1", INPUT_URL],
      ],
      wallMs: limits.probeWallMs,
      onOutput: output.onOutput,
    },
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  const report = outcome.exitCode === 0 ? parseProbeReport(output.text()) : null;
  if (report !== null)
    return { report, durationIsAGuess: outcome.stderr.includes("Estimating duration from bitrate") };
  if ((await missingShare(file)) > 0)
    throw new ProblemError(
      "truncated_video",
      "The file ends before its index, so nothing of it can be shown. Send the whole file.",
    );
  throw new ProblemError(
    "unreadable_video",
    "The file is damaged or in a format that is not read here. Send MP4, MOV, WebM, MKV, AVI, FLV, MPEG or Ogg.",
  );
}

function shownSize(stream: ProbedStream, limits: MediaLimits) {
  const { width = 0, height = 0 } = stream;
  if (width <= 0 || height <= 0)
    throw new ProblemError(
      "unreadable_video",
      "The picture has no size: the video is damaged. Encode it again.",
    );
  if (width * height > limits.maxPixels) throw tooManyPixels(limits);
  return isTurnedByQuarter(stream) ? { width: height, height: width } : { width, height };
}

async function durationOf(
  file: string,
  report: ProbeReport,
  stream: ProbedStream,
  durationIsAGuess: boolean,
  limits: MediaLimits,
  signal?: AbortSignal,
) {
  const statedS = durationIsAGuess ? null : statedDurationS(stream);
  if (statedS !== null && statedS > 0) return { durationS: statedS, durationIsOfVideo: true };
  const ofFileS = durationIsAGuess ? null : report.format.duration;
  if (ofFileS !== null && ofFileS > 0) return { durationS: ofFileS, durationIsOfVideo: false };
  const span = await measurePacketSpan(file, stream.index, limits, signal);
  if (span.packets === 0)
    throw new ProblemError("zero_duration", "The video has no frames. Send a video that shows something.");
  const rate = frameRateOf(stream);
  const durationS = span.durationS > 0 ? span.durationS : rate > 0 ? span.packets / rate : 0;
  if (durationS <= 0)
    throw new ProblemError("zero_duration", "The video shows for no time at all. Send a longer video.");
  return { durationS, durationIsOfVideo: true };
}
