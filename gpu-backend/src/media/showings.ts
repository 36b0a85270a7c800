// The streams of a file that a player could show, in the order in which they are analysed.

import { ProblemError } from "@twinframe/shared/problem";
import { isAcceptedCodec, isStillCodec } from "./codecs.ts";
import type { ProbedStream } from "./probe-report.ts";

/** More streams of pictures than this are refused. */
const MOST_VIDEO_STREAMS = 3;

/** ffmpeg's own name of a codec; never a text of the file's. */
export const codecOf = (stream: ProbedStream) => stream.codec_name ?? "unknown";

export const unsupportedCodec = (codec: string) =>
  new ProblemError(
    "unsupported_codec",
    `The video is coded as ${codec}, which is not read here. Encode it as H.264, HEVC, AV1, VP9 or another of the usual codecs.`,
  );

/**
 * The default streams first, then as the file has them. A cover is left out: one still picture beside other streams.
 * Called one by the file, it is none when it has more pictures. `packetsOf` gives their number.
 * Problems: `no_video_stream`, `zero_duration`, `too_many_video_streams`, `unsupported_codec`.
 */
export function shownStreams(
  streams: readonly ProbedStream[],
  packetsOf: (stream: ProbedStream) => number,
): ProbedStream[] {
  const videos = streams.filter(({ codec_type }) => codec_type === "video");
  const isCover = (stream: ProbedStream) =>
    packetsOf(stream) <= 1 && (stream.disposition?.attached_pic === 1 || isStillCodec(codecOf(stream)));
  const isAttached = (stream: ProbedStream) => stream.disposition?.attached_pic === 1 && isCover(stream);
  const moving = videos.filter((stream) => !isCover(stream) && packetsOf(stream) > 0);
  const shown = moving.length > 0 ? moving : videos.filter((stream) => !isAttached(stream));
  if (shown.length === 0)
    throw new ProblemError(
      "no_video_stream",
      "The file holds no moving picture, only sound or a cover image. Send a video.",
    );
  for (const stream of shown) if (!isAcceptedCodec(codecOf(stream))) throw unsupportedCodec(codecOf(stream));
  if (shown.every((stream) => packetsOf(stream) === 0))
    throw new ProblemError("zero_duration", "The video has no frames. Send a video that shows something.");
  if (shown.length > MOST_VIDEO_STREAMS)
    throw new ProblemError(
      "too_many_video_streams",
      `The file has ${shown.length} streams of pictures; at most ${MOST_VIDEO_STREAMS} are looked at. Send each in a file of its own.`,
    );
  return shown.toSorted((a, b) => (b.disposition?.default ?? 0) - (a.disposition?.default ?? 0));
}
