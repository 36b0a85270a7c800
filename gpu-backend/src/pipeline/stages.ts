// What the pipeline is made of: the stages' adapters and settings, wired once in compose.ts.

import type { Aligner } from "../align/aligner.ts";
import type { Embedder } from "../descriptor/embedder.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import type { MediaLimits } from "../media/index.ts";
import type { Policy } from "../verdict/policy.ts";

export interface SamplingSettings {
  framesPerSecond: number;
  minFrames: number;
  hwaccel?: string | undefined;
}

export interface SearchSettings {
  /** Nearest frames fetched for each query frame. */
  framesPerQuery: number;
  /** References whose similarity matrix is computed. */
  maxCandidates: number;
}

export interface Stages {
  embedder: Embedder;
  index: VectorIndex;
  aligner: Aligner;
  policy: Policy;
  limits: MediaLimits;
  sampling: SamplingSettings;
  search: SearchSettings;
}
