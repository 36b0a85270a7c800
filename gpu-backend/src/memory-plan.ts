// What of this machine's or container's memory goes where: the index, the analyses that run at once, their decoders.
// Settings that are given are kept; the others are made to fit; what cannot fit is refused before anything starts.

import { totalmem } from "node:os";

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;

export interface Memory {
  /** Bytes that may be used in all. */
  totalBytes: number;
  /** Whether a container's limit says so; a whole machine has other programs, too. */
  isLimit: boolean;
}

export interface GivenMemory {
  indexMaxBytes: number | undefined;
  maxConcurrentAnalyses: number | undefined;
  /** Of one decoding process. */
  mediaMemoryBytes: number | undefined;
  /** Frames of one analysis. */
  maxFrameBytes: number;
  /** Whether vectors lie in this process. */
  isEmbedded: boolean;
}

export interface MemoryPlan {
  indexMaxBytes: number;
  maxConcurrentAnalyses: number;
  mediaMemoryBytes: number;
  /** Of a process that reads packets, which runs beside the decoder. */
  readingMemoryBytes: number;
}

/** The program, the model and its working memory. */
const BASE_BYTES = 512 * MEBIBYTE;
/** Of a machine that is not a container's limit, so much is planned with. */
const SHARE_OF_A_MACHINE = 0.75;
const SHARE_OF_INDEX = 0.2;
const MOST_INDEX_BYTES = 4 * GIBIBYTE;
const MOST_ANALYSES = 4;
/** An analysis gets so much before another one is run beside it. */
const COMFORTABLE_ANALYSIS_BYTES = 1.25 * GIBIBYTE;
const MOST_MEDIA_BYTES = 4 * GIBIBYTE;
const LEAST_MEDIA_BYTES = 384 * MEBIBYTE;
const READING_BYTES = 256 * MEBIBYTE;

/** Of the control group that this process is in; of the machine where that has no limit. */
export function memoryHere(): Memory {
  const machine = totalmem();
  const limit = process.constrainedMemory();
  const isLimit = limit > 0 && limit < machine;
  return { totalBytes: isLimit ? limit : machine, isLimit };
}

/** Throws with the settings to lower. */
export function planMemory({ totalBytes, isLimit }: Memory, given: GivenMemory): MemoryPlan {
  const planned = (isLimit ? totalBytes : totalBytes * SHARE_OF_A_MACHINE) - BASE_BYTES;
  const indexMaxBytes =
    given.indexMaxBytes ?? Math.floor(Math.min(MOST_INDEX_BYTES, totalBytes * SHARE_OF_INDEX));
  const ofIndex = given.isEmbedded ? indexMaxBytes : 0;
  const beside = given.maxFrameBytes + READING_BYTES;
  const left = planned - ofIndex;
  const each =
    given.mediaMemoryBytes === undefined ? COMFORTABLE_ANALYSIS_BYTES : beside + given.mediaMemoryBytes;
  const maxConcurrentAnalyses =
    given.maxConcurrentAnalyses ?? Math.max(1, Math.min(MOST_ANALYSES, Math.floor(left / each)));
  const share = Math.floor(left / maxConcurrentAnalyses) - beside;
  const mediaMemoryBytes =
    given.mediaMemoryBytes ?? Math.max(LEAST_MEDIA_BYTES, Math.min(MOST_MEDIA_BYTES, share));
  const ofAnalyses = maxConcurrentAnalyses * (mediaMemoryBytes + beside);
  if (BASE_BYTES + ofIndex + ofAnalyses > totalBytes)
    throw new Error(
      `the settings ask for ${mebibytes(BASE_BYTES + ofIndex + ofAnalyses)} of memory and there are ${mebibytes(totalBytes)}${isLimit ? " (the container's limit)" : ""}: ` +
        `${mebibytes(BASE_BYTES)} for the program and the model` +
        (given.isEmbedded ? `, ${mebibytes(ofIndex)} for the index (lower TWINFRAME_INDEX_MAX_BYTES)` : "") +
        `, and ${maxConcurrentAnalyses} analyses at once (lower TWINFRAME_MAX_CONCURRENT_ANALYSES) of ${mebibytes(mediaMemoryBytes + beside)} each, of which decoding may use ${mebibytes(mediaMemoryBytes)} (lower TWINFRAME_MEDIA_MEMORY_BYTES). Lower one of these, or give more memory`,
    );
  return { indexMaxBytes, maxConcurrentAnalyses, mediaMemoryBytes, readingMemoryBytes: READING_BYTES };
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / MEBIBYTE)} MiB`;
