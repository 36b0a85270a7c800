// One ffprobe over the whole file: its headers, and the times of all of its pictures.

import { DECODER_ARGUMENTS } from "./codecs.ts";
import { guardArguments } from "./input-guard.ts";
import type { MediaLimits } from "./limits.ts";
import { type ProcessOutcome, throwIfStopped } from "./outcome.ts";
import { PACKET_ENTRIES, PacketReader } from "./packet-reader.ts";
import { PacketTimes } from "./packet-times.ts";
import { PROBE_ENTRIES, type ProbeReport, parseProbeReport } from "./probe-report.ts";
import { runTool } from "./run-tool.ts";
import { INPUT_URL } from "./sandbox/index.ts";

const MAX_REPORT_CHARACTERS = 1 << 20;

/** Coded pictures of all streams together, a second of the longest video allowed. */
const PACKETS_A_SECOND = 120;

/** A demuxer's own complaints: bytes of the file were passed over. */
const complaints = (demuxer: string) =>
  new RegExp(`^\\[${RegExp.escape(demuxer)} @ [^\\]]*\\] (\\[(error|fatal|panic)\\]|.*Packet corrupt)`, "m");

export interface PacketList {
  /** Null when ffprobe cannot read the file. */
  report: ProbeReport | null;
  /** By the stream's number. */
  streams: Map<number, PacketTimes>;
  /** Whether the demuxer had to pass over something. */
  isDamaged: boolean;
  /** Whether the format's duration is made up from its bit rate. */
  durationIsAGuess: boolean;
}

/** Options of ffmpeg and ffprobe that stand before the input, besides the guard's. */
export const readingArguments = (ignoresEditList: boolean): string[] => [
  ...DECODER_ARGUMENTS,
  ...(ignoresEditList ? ["-ignore_editlist", "1"] : []),
];

/**
 * `ignoresEditList` only of MP4 and MOV, where it shows what the edit lists hide.
 * Problems: `media_limit_exceeded`, also for more pictures than the longest video allowed may have.
 */
export async function listPackets(
  file: string,
  ignoresEditList: boolean,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<PacketList> {
  const streams = new Map<number, PacketTimes>();
  const reader = new PacketReader(
    { maxReportCharacters: MAX_REPORT_CHARACTERS, maxPackets: limits.maxDurationS * PACKETS_A_SECOND },
    (stream, packet) => {
      const times = streams.get(stream) ?? new PacketTimes();
      streams.set(stream, times);
      times.add(packet);
    },
  );
  const outcome: ProcessOutcome = await runTool(
    {
      tool: "ffprobe",
      file,
      arguments: [
        ...["-v", "level+warning"],
        ...guardArguments(limits),
        ...readingArguments(ignoresEditList),
        ...["-select_streams", "v", "-show_entries", `${PROBE_ENTRIES}:${PACKET_ENTRIES}`],
        ...["-of", "json=c=1", INPUT_URL],
      ],
      // It reads the file to its end.
      wallMs: Math.max(limits.probeWallMs, limits.decodeWallMs),
      onOutput: reader.onOutput,
    },
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  const report = outcome.exitCode === 0 ? parseProbeReport(reader.report) : null;
  return {
    report,
    streams,
    isDamaged: report !== null && complaints(report.format.format_name).test(outcome.stderr),
    durationIsAGuess: outcome.stderr.includes("Estimating duration from bitrate"),
  };
}
