// What a file is, before anything is decoded: what it says of its streams, and the true times of their pictures.

import { stat } from "node:fs/promises";
import { ProblemError } from "@twinframe/shared/problem";
import { codecNames } from "./codec-names.ts";
import { isAcceptedCodec } from "./codecs.ts";
import { countedShowing, timesAreDoubtful } from "./counted-showing.ts";
import { type DecodingNeeds, decodingNeeds } from "./decoding-memory.ts";
import { editsMayMatter, HIDDEN_TOLERATED_S } from "./edit-list.ts";
import { missingShare } from "./file-ending.ts";
import type { MediaLimits } from "./limits.ts";
import { listPackets, type PacketList } from "./list-packets.ts";
import { tooManyPixels } from "./outcome.ts";
import type { PacketTimes, Timeline } from "./packet-times.ts";
import {
  frameRateOf,
  isTurnedByQuarter,
  type ProbedStream,
  type ProbeReport,
  rotationOf,
  statedDurationS,
} from "./probe-report.ts";
import { codecOf, shownStreams, unsupportedCodec } from "./showings.ts";

/** One stream of pictures as players show it. */
export interface ProbedVideo {
  /** ffmpeg's name of the format family, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** ffmpeg's name, such as `h264`. */
  codec: string;
  /** The video stream's number in the file. */
  videoStreamIndex: number;
  /** Whether what an edit list hides or rearranges is shown as it lies in the file. */
  ignoresEditList: boolean;
  /** Whether its pictures are shown one after the other at an even rate, whatever their times. */
  ignoresTimes: boolean;
  /** Pixels as shown, turned as the file asks. */
  width: number;
  height: number;
  /** Whether the file asks for its picture to be turned or mirrored. */
  isTurned: boolean;
  /** Pictures a second where they follow each other as closely as most do. */
  frameRate: number;
  /** Seconds from the first picture's start to the last one's end, by the times of the packets. */
  durationS: number;
  timeline: Timeline;
  /** Equal for the same packets in the same order. */
  packetsSignature: string;
  /** Where ffmpeg's clock begins on the streams' clock, seconds. */
  clockStartS: number;
  /** What the file states of the stream's or of its own duration, seconds; null when nothing. */
  statedDurationS: number | null;
  /** Whether bytes of the file had to be passed over, so that pictures may be missing unheard. */
  isDamaged: boolean;
  /** The share of the file that lies behind the stream's last packet; null when that says nothing. */
  shareBehind: number | null;
  /** Seconds of pictures that ffmpeg hides although no edit list asks for it. */
  hiddenS: number;
  /** The part of the stream's bytes in a last packet that is larger than any other. */
  swallowedShare: number;
  /** What its decoder holds in memory. */
  decoding: DecodingNeeds;
}

/** Formats whose clock may start anew within a file. */
const JUMPING_FORMATS = /^(mpegts|mpeg|ogg)$/;
/** Formats that hold their packets one after the other, with next to nothing behind them. */
const STREAMED_FORMATS = /^(mpegts|mpeg|ogg|asf|flv|matroska,webm)$/;
const ISO_MEDIA = "mov";

/** The stream that players show when nobody chooses. Problems: those of probeShowings. */
export async function probeVideo(
  file: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<ProbedVideo> {
  return (await probeShowings(file, limits, signal))[0] as ProbedVideo;
}

/**
 * Everything that a player could show as a video, the default stream first; a stream whose edit lists matter comes
 * twice, with and without them, and once more where its times cannot be right. Problems: `empty_video`, `unreadable_video`, `truncated_video` (the file is cut and
 * its index is lost), `unsupported_codec`, `no_video_stream`, `too_many_video_streams`, `zero_duration`,
 * `video_too_long`, `media_limit_exceeded`.
 */
export async function probeShowings(
  file: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<ProbedVideo[]> {
  const { size } = await stat(file);
  if (size === 0) throw new ProblemError("empty_video", "The file has no bytes. Send the whole video file.");
  const listed = await listPackets(file, false, limits, signal);
  const report = listed.report ?? (await refuseUnread(file, limits, signal));
  const streams = shownStreams(report.streams, ({ index }) => listed.streams.get(index)?.packets ?? 0);
  const read = streams.map((stream) =>
    probedVideo(listed, { report, stream, fileBytes: size, ignoresEditList: false }, limits),
  );
  const shown = read.filter((video) => video !== null);
  if (shown.length === 0)
    throw new ProblemError("zero_duration", "The video shows for no time at all. Send a longer video.");
  const isIsoMedia = report.format.format_name.split(",").includes(ISO_MEDIA);
  const editsMatter = isIsoMedia && (await editsMayMatter(file));
  if (!editsMatter)
    for (const video of shown) video.hiddenS = listed.streams.get(video.videoStreamIndex)?.hiddenS ?? 0;
  if (editsMatter) {
    const whole = await listPackets(file, true, limits, signal);
    for (const stream of streams)
      if (hidesMuch(listed.streams.get(stream.index), whole.streams.get(stream.index))) {
        const reading = { report: whole.report ?? report, stream, fileBytes: size, ignoresEditList: true };
        const video = probedVideo(whole, reading, limits);
        if (video !== null) shown.push(video);
      }
  }
  return [...shown, ...shown.filter(timesAreDoubtful).map(countedShowing)];
}

/** Whether the pictures in the file are others, or in another order, than the edit lists show. */
function hidesMuch(shown: PacketTimes | undefined, whole: PacketTimes | undefined): boolean {
  if (whole === undefined) return false;
  return shown === undefined || shown.signature !== whole.signature || shown.hiddenS > HIDDEN_TOLERATED_S;
}

async function refuseUnread(file: string, limits: MediaLimits, signal?: AbortSignal): Promise<never> {
  const codec = (await codecNames(file, limits, signal)).find((name) => !isAcceptedCodec(name));
  if (codec !== undefined) throw unsupportedCodec(codec);
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

/** One reading of a stream of the file. */
interface StreamReading {
  report: ProbeReport;
  stream: ProbedStream;
  fileBytes: number;
  ignoresEditList: boolean;
}

/** Null when the stream shows nothing for any time. */
function probedVideo(
  { streams, isDamaged, durationIsAGuess }: PacketList,
  { report, stream, fileBytes, ignoresEditList }: StreamReading,
  limits: MediaLimits,
): ProbedVideo | null {
  const container = report.format.format_name;
  const packets = streams.get(stream.index);
  const timeline = packets?.timeline(frameRateOf(stream), JUMPING_FORMATS.test(container)) ?? null;
  if (packets === undefined || timeline === null) return null;
  const { durationS } = timeline;
  if (durationS > limits.maxDurationS)
    throw new ProblemError(
      "video_too_long",
      `The video is ${Math.ceil(durationS)} seconds long; at most ${limits.maxDurationS} are allowed.`,
    );
  const isStreamed = STREAMED_FORMATS.test(container) && packets.endPosition > 0;
  const codec = codecOf(stream);
  const size = shownSize(stream, limits);
  return {
    container,
    codec,
    videoStreamIndex: stream.index,
    ignoresEditList,
    ignoresTimes: false,
    hiddenS: 0,
    swallowedShare: packets.swallowedShare,
    ...size,
    decoding: decodingNeeds({ codec, ...size, pixelFormat: stream.pix_fmt, level: stream.level }),
    isTurned: rotationOf(stream) !== null,
    frameRate: pictureRate(timeline),
    durationS,
    timeline,
    packetsSignature: packets.signature,
    isDamaged,
    clockStartS: report.format.start_time ?? 0,
    statedDurationS: durationIsAGuess ? null : (statedDurationS(stream) ?? report.format.duration),
    shareBehind: isStreamed ? Math.max(0, 1 - packets.endPosition / fileBytes) : null,
  };
}

/** By the median distance: pauses say nothing of how fast pictures follow each other between them. */
function pictureRate({ startS, durationS }: Timeline): number {
  const distances = startS.map((start, i) => (startS[i + 1] ?? durationS) - start).sort();
  const middle = distances[Math.floor(distances.length / 2)] as number;
  const rate = middle > 0 ? 1 / middle : startS.length / durationS;
  return Number(rate.toFixed(3));
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
