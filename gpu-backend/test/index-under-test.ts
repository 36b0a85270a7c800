// An index that the contract suites run on, and what they compare.

import { afterEach, beforeEach, expect } from "vitest";
import type { FrameHits, FrameTrack } from "../src/index/frame-track.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { driftingVectors, leastCosine, trackOf } from "../src/testing-tracks.ts";

export interface IndexUnderTest {
  dims: number;
  /** Opens the same index again when called again. */
  open(model?: { id: string; version: string }, dims?: number): Promise<VectorIndex>;
  remove(): Promise<void>;
}

export function hitsOf(hits: FrameHits, query: number): { id: string; frame: number; similarity: number }[] {
  const found = [];
  for (let at = query * hits.perQuery; at < (query + 1) * hits.perQuery; at++) {
    const reference = hits.reference[at] as number;
    if (reference < 0) continue;
    const similarity = hits.similarity[at] as number;
    found.push({ id: hits.referenceIds[reference] as string, frame: hits.frame[at] as number, similarity });
  }
  return found;
}

/** Exact times; vectors up to what an index that keeps a byte a dimension may lose. */
export function expectKept(kept: FrameTrack | undefined, given: FrameTrack, dims: number): void {
  expect({ ...kept, vectors: null }).toEqual({ ...given, vectors: null });
  expect(leastCosine(kept?.vectors ?? new Float32Array(0), given.vectors, dims)).toBeGreaterThan(0.9999);
}

/** A fresh index for each test. */
export class ContractSubject {
  /** Open, until a test closes it. */
  index!: VectorIndex;
  #under!: IndexUnderTest;

  constructor(make: () => Promise<IndexUnderTest>) {
    beforeEach(async () => {
      this.#under = await make();
      this.index = await this.open();
    });
    afterEach(async () => {
      await this.index.close();
      await this.#under.remove();
    });
  }

  get dims(): number {
    return this.#under.dims;
  }

  open(model?: { id: string; version: string }, dims?: number): Promise<VectorIndex> {
    return this.#under.open(model, dims);
  }

  async reopen(): Promise<void> {
    await this.index.close();
    this.index = await this.open();
  }

  track(seed: number, frames = 20): FrameTrack {
    return trackOf(driftingVectors(seed, frames, this.dims), this.dims);
  }

  frameOf(vectors: Float32Array, frame: number): Float32Array {
    return vectors.slice(frame * this.dims, (frame + 1) * this.dims);
  }
}
