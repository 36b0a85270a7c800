// The index files of an embedded index store: which file holds which generation, and those that no generation names.

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue, Filed } from "./catalogue.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { asProblem, noGeneration } from "./store-problems.ts";

export const GENERATIONS_FOLDER = "generations";

export interface EmbeddedStoreOptions {
  /** The state folder; of one process at a time. */
  folder: string;
  /** Of each generation's vectors in memory. */
  maxBytes: number;
}

export class GenerationFiles {
  readonly catalogue: Catalogue;
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor({ folder, maxBytes }: EmbeddedStoreOptions, catalogue: Catalogue) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.catalogue = catalogue;
  }

  pathOf(file: string): string {
    return join(this.#folder, file);
  }

  /** Throws `generation_not_found`. */
  require(name: string): Filed {
    const generation = this.catalogue.find(name);
    if (!generation) throw noGeneration(name);
    return generation;
  }

  open({ file, model, dims }: Pick<Filed, "file" | "model" | "dims">): Promise<EmbeddedIndex> {
    return EmbeddedIndex.open({ file: this.pathOf(file), model, dims, maxBytes: this.#maxBytes });
  }

  /** Never the name of a former file: its index may still be open. */
  newFile(generation: string): string {
    return join(GENERATIONS_FOLDER, `${generation}-${randomBytes(4).toString("hex")}.sqlite`);
  }

  /** Changes the catalogue; what goes wrong is a problem. */
  write(change: (catalogue: Catalogue) => void): void {
    try {
      change(this.catalogue);
    } catch (error) {
      throw asProblem(error);
    }
  }

  /** Removes files that no generation names, left by a crash, a drop or a restore. Never fails: it is repeated. */
  async removeLeftovers(): Promise<void> {
    for (const file of this.catalogue.leftovers())
      try {
        for (const suffix of ["", "-wal", "-shm", "-journal"])
          await rm(this.pathOf(file + suffix), { force: true });
        this.catalogue.removeLeftover(file);
      } catch {
        // The disk is so full that not even this can be written down.
      }
  }
}
