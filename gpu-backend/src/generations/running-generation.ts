// One generation that runs: its index, and the model and the alignment that belong to it. Requests hold it; it is closed
// after the last of them.

import { type Aligner, startAligner } from "../align/aligner.ts";
import { type Embedder, type EmbedderOptions, startEmbedder } from "../descriptor/embedder.ts";
import type { Generation, IndexStore } from "../index/index-store.ts";
import { IndexModelMismatch, type VectorIndex } from "../index/vector-index.ts";
import type { Models } from "./model-of-generation.ts";

export interface GenerationParts {
  embedder: Embedder;
  index: VectorIndex;
  aligner: Aligner;
}

export async function startParts(
  generation: Generation,
  indexStore: IndexStore,
  models: Models,
  options: EmbedderOptions,
): Promise<GenerationParts> {
  const model = await models.load(generation);
  const embedder = await startEmbedder(model, options);
  try {
    const index = await indexStore.open(generation.name);
    const { output, calibration } = embedder.manifest;
    if (index.dims !== output.dims)
      throw new IndexModelMismatch(`the index has ${index.dims} dims, the model ${output.dims}`);
    return { embedder, index, aligner: startAligner({ dims: output.dims, calibration }) };
  } catch (error) {
    await embedder.close();
    throw error;
  }
}

export class RunningGeneration {
  readonly parts: Promise<GenerationParts>;
  #holders = 0;
  #isEnding = false;
  #close: () => void = () => {};
  /** Resolves when all of it is closed. */
  readonly ended: Promise<void>;

  constructor(parts: Promise<GenerationParts>) {
    this.parts = parts;
    parts.catch(() => {});
    this.ended = new Promise<void>((resolve) => {
      this.#close = resolve;
    }).then(async () => {
      const { embedder, index, aligner } = await parts;
      await Promise.all([embedder.close(), index.close(), aligner.close()]);
    });
    this.ended.catch(() => {});
  }

  hold(): Disposable {
    this.#holders++;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#holders--;
        isHeld = false;
        this.#closeIfFree();
      },
    };
  }

  /** Closes it once no request holds it; at once with `now`. */
  end(now = false): Promise<void> {
    this.#isEnding = true;
    if (now) this.#close();
    this.#closeIfFree();
    return this.ended;
  }

  #closeIfFree(): void {
    if (this.#isEnding && this.#holders === 0) this.#close();
  }
}
