// The generations of an installation that run in this process: the live one answers, all of them are written. The list
// in the index store is read again and again, so that a switch, here or in another process, needs no restart; work that
// runs ends on the generation that it began with.

import type { NewGeneration } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { Embedder, EmbedderOptions } from "../descriptor/embedder.ts";
import type { Generation, IndexStore } from "../index/index-store.ts";
import type { IndexAdmin, IndexReader, VectorIndex } from "../index/vector-index.ts";
import type { HeldGenerations, HeldStages, Stages, StagesSource } from "../pipeline/stages.ts";
import { inheritFrom } from "../pipeline/sync-generations.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { type Models, nameOfFirst } from "./model-of-generation.ts";
import { RunningGeneration, startParts } from "./running-generation.ts";

/** How old the list of generations may be, of an index store that other processes write, too. */
const KNOWN_FOR_MS = 2000;

export type StageSettings = Pick<Stages, "policy" | "limits" | "sampling" | "search">;

export interface GenerationsOptions {
  indexStore: IndexStore;
  models: Models;
  embedding: EmbedderOptions;
  stages: StageSettings;
}

/** A generation that was dropped and made again is another one. */
const keyOf = ({ name, createdAt }: Generation) => `${name} ${createdAt}`;

export class Generations implements StagesSource {
  readonly indexStore: IndexStore;
  readonly models: Models;
  readonly #options: GenerationsOptions;
  readonly #running = new Map<string, RunningGeneration>();
  readonly #ending = new Set<RunningGeneration>();
  readonly #referenceMutex = new KeyedMutex();
  readonly #onStarted: ((generation: string, embedder: Embedder) => void)[] = [];
  readonly #started = new Map<string, Embedder>();
  /** Indexes that were opened without their model. */
  readonly #idle = new Map<string, Promise<VectorIndex>>();
  #known: { generations: Generation[]; atMs: number } | null = null;
  /** Readings of the index store and changes to it, counted: a reading from before a change is not used after it. */
  #readings = 0;
  #latestApplied = 0;
  #latest: Stages | null = null;

  private constructor(options: GenerationsOptions) {
    this.#options = options;
    this.indexStore = options.indexStore;
    this.models = options.models;
  }

  /** Creates a first generation, of the configured model, where there is none; starts the live one. */
  static async start(options: GenerationsOptions): Promise<Generations> {
    const { indexStore, models } = options;
    const all = await indexStore.generations();
    if (!all.some(({ isLive }) => isLive)) {
      const configured = models.ofConfigured();
      const name = nameOfFirst(configured.model);
      await indexStore.create({ ...configured, name });
      await indexStore.switchTo(name);
    }
    const generations = new Generations(options);
    try {
      using _live = await generations.hold();
      return generations;
    } catch (error) {
      // The caller gets the reason itself.
      throw (error as { cause?: unknown }).cause ?? error;
    }
  }

  get latest(): Stages {
    return this.#latest as Stages;
  }

  /** Calls the listener for each generation that runs, and for each that starts later. */
  whenStarted(listener: (generation: string, embedder: Embedder) => void): void {
    this.#onStarted.push(listener);
    for (const [name, embedder] of this.#started) listener(name, embedder);
  }

  async list({ fresh = false } = {}): Promise<Generation[]> {
    const mayBeOld = !fresh && this.indexStore.kind !== "embedded";
    if (this.#known && mayBeOld && performance.now() - this.#known.atMs < KNOWN_FOR_MS)
      return this.#known.generations;
    const reading = ++this.#readings;
    const atMs = performance.now();
    const generations = await this.indexStore.generations();
    if (reading < this.#latestApplied) return generations;
    this.#latestApplied = reading;
    this.#known = { generations, atMs };
    const there = new Set(generations.map(keyOf));
    for (const [key, running] of this.#running) if (!there.has(key)) this.#end(key, running);
    for (const [key, index] of this.#idle) if (!there.has(key)) this.#closeIdle(key, index);
    return generations;
  }

  /** The index alone, also of a generation whose model cannot be started. */
  async indexOf(generation: Generation): Promise<IndexReader & IndexAdmin> {
    const key = keyOf(generation);
    const running = this.#running.get(key);
    if (running) return (await running.parts).index;
    const index = this.#idle.get(key) ?? this.indexStore.open(generation.name);
    this.#idle.set(key, index);
    index.catch(() => this.#idle.delete(key));
    return index;
  }

  async hold(name?: string): Promise<HeldStages> {
    const generations = await this.list({ fresh: name !== undefined });
    const wanted = generations.find((one) => (name === undefined ? one.isLive : one.name === name));
    if (!wanted && name !== undefined)
      throw new ProblemError("generation_not_found", `The index has no generation "${name}".`);
    if (!wanted) throw new ProblemError("index_unavailable", "The index has no live generation now.");
    const held = await this.#holdOne(wanted);
    if (wanted.isLive) this.#latest = held.stages;
    return held;
  }

  async allGenerations(): Promise<HeldGenerations> {
    const generations = await this.list({ fresh: true });
    const held: HeldStages[] = [];
    const release = () => {
      for (const one of held) one[Symbol.dispose]();
    };
    try {
      for (const one of generations.toSorted((a, b) => Number(b.isLive) - Number(a.isLive)))
        held.push(await this.#holdOne(one));
    } catch (error) {
      release();
      throw error;
    }
    return { all: held.map(({ stages }) => stages), [Symbol.dispose]: release };
  }

  async #holdOne(generation: Generation): Promise<HeldStages> {
    const key = keyOf(generation);
    let running = this.#running.get(key);
    if (!running) {
      // The index store opens an index once: the running generation closes it from now on.
      this.#idle.delete(key);
      running = new RunningGeneration(this.#start(generation));
      this.#running.set(key, running);
    }
    const holding = running.hold();
    try {
      const stages = {
        ...this.#options.stages,
        ...(await running.parts),
        generation: generation.name,
        allGenerations: () => this.allGenerations(),
        referenceMutex: this.#referenceMutex,
      };
      return { stages, [Symbol.dispose]: () => holding[Symbol.dispose]() };
    } catch (error) {
      holding[Symbol.dispose]();
      if (this.#running.get(key) === running) this.#running.delete(key);
      if (error instanceof ProblemError) throw error;
      throw new ProblemError(
        "backend_unavailable",
        `The generation "${generation.name}" of the index cannot be started: its reason is in the backend's log.`,
        { cause: error },
      );
    }
  }

  async #start(generation: Generation) {
    const { indexStore, models, embedding } = this.#options;
    const parts = await startParts(generation, indexStore, models, embedding);
    this.#started.set(generation.name, parts.embedder);
    for (const listener of this.#onStarted) listener(generation.name, parts.embedder);
    return parts;
  }

  /** Whether it was made now. */
  async create({ name, model }: NewGeneration): Promise<boolean> {
    const wanted = await this.models.named(model);
    const isThere = (await this.list({ fresh: true })).some((one) => one.name === name);
    await this.indexStore.create({ ...wanted, name });
    this.#changed();
    return !isThere;
  }

  /** Gives all of them to an installation. Throws `index_not_adopted` where the live one is not `replaces`'. */
  async assignTo(installation: string | null, replaces: string | null): Promise<void> {
    const all = await this.list({ fresh: true });
    const indexes = await Promise.all(all.map(async (one) => ({ ...one, index: await this.indexOf(one) })));
    const now = (await indexes.find(({ isLive }) => isLive)?.index.installation()) ?? null;
    if (now !== replaces && now !== installation)
      throw new ProblemError(
        "index_not_adopted",
        `The index is of the installation ${now ?? "of nobody"} by now; look at it again.`,
      );
    // The live one last: until then a repeated call does the rest.
    for (const { index } of indexes.toSorted((a, b) => Number(a.isLive) - Number(b.isLive)))
      await index.assignTo(installation);
  }

  async drop(name: string): Promise<void> {
    await this.indexStore.drop(name);
    this.#changed();
    await this.list({ fresh: true });
  }

  /** Starts the generation before it makes it live, so that no request waits for its start, or fails by it. */
  async switchTo(name: string): Promise<void> {
    using next = await this.hold(name);
    const live = (await this.list({ fresh: true })).find(({ isLive }) => isLive);
    if (live && live.name !== name) await inheritFrom(await this.indexOf(live), next.stages.index);
    await this.indexStore.switchTo(name);
    this.#changed();
    this.#latest = next.stages;
  }

  #changed(): void {
    this.#known = null;
    this.#latestApplied = ++this.#readings;
  }

  async close(): Promise<void> {
    const all = [...this.#running.values(), ...this.#ending];
    await Promise.allSettled(all.map((running) => running.end(true)));
    await this.indexStore.close();
  }

  #closeIdle(key: string, index: Promise<VectorIndex>): void {
    this.#idle.delete(key);
    index.then((opened) => opened.close()).catch(() => {});
  }

  #end(key: string, running: RunningGeneration): void {
    this.#running.delete(key);
    this.#started.delete(key.slice(0, key.indexOf(" ")));
    this.#ending.add(running);
    const over = () => this.#ending.delete(running);
    running.end().then(over, over);
  }
}
