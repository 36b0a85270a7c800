// Probe and packet hash of one file at once. Each costs a process start, and together they stand before every
// decode; so the hash does not wait to learn the codec: it starts as if it were H.264, as most videos are.

import type { MediaLimits } from "./limits.ts";
import { guessVideoPacketsHash, hashVideoPackets } from "./packet-hash.ts";
import { type ProbedVideo, probeVideo } from "./probe.ts";

const LIKELIEST_CODEC = "h264";

export interface InspectedVideo {
  probed: ProbedVideo;
  /** SHA-256 of the coded pictures, 64 hex digits. */
  packetsSha256: string;
}

/** Problems: those of probeVideo and hashVideoPackets; the probe's win. No process is left running on failure. */
export async function inspectVideo(
  file: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<InspectedVideo> {
  const stopGuess = new AbortController();
  const guessSignal = signal ? AbortSignal.any([signal, stopGuess.signal]) : stopGuess.signal;
  // The guess's failures are not the file's: only a hash counts, and the right pass below judges.
  const guess = guessVideoPacketsHash(file, LIKELIEST_CODEC, limits, guessSignal).catch(() => null);
  let probed: ProbedVideo;
  try {
    probed = await probeVideo(file, limits, signal);
  } catch (error) {
    stopGuess.abort();
    await guess;
    throw error;
  }
  if (probed.codec !== LIKELIEST_CODEC) stopGuess.abort();
  const guessed = await guess;
  const isRight = probed.codec === LIKELIEST_CODEC && guessed !== null;
  return {
    probed,
    packetsSha256: isRight ? guessed : await hashVideoPackets(file, probed, limits, signal),
  };
}
