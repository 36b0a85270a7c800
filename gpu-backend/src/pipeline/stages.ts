// What the pipeline is made of: the stages' adapters and settings, of one generation of the index. Which one is
// live may change while a request runs, which ends on the stages that it began with.

import type { Aligner } from "../align/aligner.ts";
import type { Embedder } from "../descriptor/embedder.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { type MediaLimits, startDeadline } from "../media/index.ts";
import type { Policy } from "../verdict/policy.ts";
import type { KeyedMutex } from "../work/keyed-mutex.ts";

export interface SamplingSettings {
  framesPerSecond: number;
  minFrames: number;
  hwaccel?: string | undefined;
  /** Picks the moments at which queries are sampled; references are sampled at the middles of the intervals. */
  momentsKey?: Uint8Array | undefined;
}

export interface SearchSettings {
  /** Nearest frames fetched for each query frame. */
  framesPerQuery: number;
  /** References whose similarity matrix is computed. */
  maxCandidates: number;
}

export interface Stages {
  /** The generation's name. */
  generation: string;
  embedder: Embedder;
  index: VectorIndex;
  aligner: Aligner;
  policy: Policy;
  limits: MediaLimits;
  sampling: SamplingSettings;
  search: SearchSettings;
  /** Every generation as it is written down now: a write must reach them all. */
  allGenerations(): Promise<HeldGenerations>;
  /** One write of a reference at a time, so that all generations end with the same entry. */
  referenceLock: KeyedMutex;
}

/** Nothing of it is closed before it is given back. */
export interface HeldStages extends Disposable {
  stages: Stages;
}

export interface HeldGenerations extends Disposable {
  /** The live one first. */
  all: readonly Stages[];
}

/** Where requests get their stages from. */
export interface StagesSource {
  /** The live generation's, or those of a generation by name. Throws `generation_not_found`. */
  hold(generation?: string): Promise<HeldStages>;
  allGenerations(): Promise<HeldGenerations>;
  /** The live generation's as far as this process has seen, for telling about it. */
  readonly latest: Stages;
}

/** The same stages for work on videos that begins now: all its media processes end by one deadline. */
export function withDeadline(stages: Stages): Stages {
  return { ...stages, limits: startDeadline(stages.limits) };
}
