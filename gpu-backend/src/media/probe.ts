// Probes a file before anything is decoded: its streams, and the true times of their pictures.

import { stat } from "node:fs/promises";
import { ProblemError } from "@twinframe/shared/problem";
import { codecNames } from "./codec-names.ts";
import { isAcceptedCodec } from "./codecs.ts";
import { countedShowing, timesAreDoubtful } from "./counted-showing.ts";
import { decodingNeeds } from "./decoding-memory.ts";
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
import type { ProbedVideo } from "./probed-video.ts";
import { codecOf, shownStreams, unsupportedCodec } from "./showings.ts";

export type { ProbedVideo } from "./probed-video.ts";

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

/** By the median distance: pauses do not show how fast pictures follow each other between them. */
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
