// Probe and packet hash of one file at once. Each costs a process start; so the hash does not wait to learn the
// codec: it starts as if it were H.264, as most videos are, and a caller that needs only the probe does not wait for it.

import type { MediaLimits } from "./limits.ts";
import { guessVideoPacketsHash, hashVideoPackets } from "./packet-hash.ts";
import { type ProbedVideo, probeShowings } from "./probe.ts";

const LIKELIEST_CODEC = "h264";

export interface VideoInspection {
  /** What players show when nobody chooses. */
  probed: ProbedVideo;
  /** What else they could show: other streams, and what edit lists hide or rearrange. */
  others: ProbedVideo[];
  /**
   * SHA-256 of the coded pictures of `probed`, 64 hex digits, once it is known. Settles, when the signal fires too, after its
   * process has exited: wait for it before the file is deleted. Its rejection may be left unhandled.
   */
  packetsSha256: Promise<string>;
}

/**
 * Resolves as soon as the file is probed. Problems: those of probeShowings, after which no process is left running;
 * `packetsSha256` has those of hashVideoPackets.
 */
export async function inspectVideo(
  file: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<VideoInspection> {
  const stopGuess = new AbortController();
  const guessSignal = signal ? AbortSignal.any([signal, stopGuess.signal]) : stopGuess.signal;
  // The guess's failures are not the file's: only a hash counts, and the right pass below judges.
  const guess = guessVideoPacketsHash(file, LIKELIEST_CODEC, limits, guessSignal).catch(() => null);
  let probed: ProbedVideo;
  let others: ProbedVideo[];
  try {
    [probed, ...others] = (await probeShowings(file, limits, signal)) as [ProbedVideo, ...ProbedVideo[]];
  } catch (error) {
    stopGuess.abort();
    await guess;
    throw error;
  }
  const isOnly = others.every(({ videoStreamIndex }) => videoStreamIndex === probed.videoStreamIndex);
  const isRight = probed.codec === LIKELIEST_CODEC && isOnly;
  if (!isRight) stopGuess.abort();
  const packetsSha256 = guess.then(
    (guessed) => (isRight ? guessed : null) ?? hashVideoPackets(file, probed, limits, signal),
  );
  packetsSha256.catch(() => {});
  return { probed, others, packetsSha256 };
}
