// What each stage of the pipeline needs, and all of it together: the adapters and settings of one generation of the
// index. Which generation is live may change while a request runs, which ends on the stages that it began with.

import type { Aligner } from "../align/aligner.ts";
import type { Embedder } from "../descriptor/embedder.ts";
import type { IndexReader, VectorIndex } from "../index/vector-index.ts";
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

/** A video's pixels into descriptors. */
export interface DescribeStage {
  embedder: Embedder;
  limits: MediaLimits;
  sampling: SamplingSettings;
}

/** A query's descriptors into candidates. */
export interface SearchStage {
  index: Pick<IndexReader, "searchBatch" | "descriptorsOf">;
  /** The model that the descriptors are of. */
  embedder: Pick<Embedder, "manifest">;
  search: SearchSettings;
}

/** Candidates into segments. */
export interface AlignStage {
  aligner: Pick<Aligner, "align">;
}

/** A query's pictures into further views of it, where the model supports views. */
export interface ViewStage {
  embedder: Pick<Embedder, "embed" | "supportsViews">;
}

/** Segments into a verdict. */
export interface JudgeStage {
  policy: Policy;
}

/** One generation of the index, and the model that describes videos for it. */
export interface WrittenGeneration {
  /** The generation's name. */
  generation: string;
  embedder: Embedder;
  index: VectorIndex;
}

/** A described video into the index. */
export interface WriteStage extends WrittenGeneration {
  /** Every generation as it is written down now: a write must reach them all. */
  allGenerations(): Promise<HeldGenerations>;
  /** By `library/id`: one write of a reference at a time, so that all generations end with the same entry. */
  referenceMutex: KeyedMutex;
}

export interface Stages extends DescribeStage, AlignStage, JudgeStage, WriteStage {
  aligner: Aligner;
  embedder: Embedder;
  search: SearchSettings;
}

/** Holds a generation's stages open until it is disposed. */
export interface HeldStages extends Disposable {
  stages: Stages;
}

export interface HeldGenerations extends Disposable {
  /** The live one first. */
  all: readonly WrittenGeneration[];
}

/** Where requests get their stages from. */
export interface StagesSource {
  /** The live generation's, or those of a generation by name. Throws `generation_not_found`. */
  hold(generation?: string): Promise<HeldStages>;
  allGenerations(): Promise<HeldGenerations>;
  /** The live generation's as far as this process has seen, for reporting about it. */
  readonly latest: Stages;
}

/** The same stages for work on videos that begins now: all its media processes end by one deadline. */
export function withDeadline(stages: Stages): Stages {
  return { ...stages, limits: startDeadline(stages.limits) };
}
