// Metrics of the index that answers: how large it is, and whether it answers.

import { Gauge, type Registry } from "prom-client";
import type { IndexStats, VectorIndex } from "../index/vector-index.ts";
import { BREAKER, type BreakerChange } from "../work/channels.ts";

/** An index that searches for long answers late; a scrape does not wait for it. */
const PATIENCE_MS = 3000;
/** All gauges of a scrape are of one look, and scrapes of several ask no more often than this. */
const LOOK_MS = 1000;

export interface IndexMetricsOptions {
  index: () => Pick<VectorIndex, "stats">;
  isDraining: () => boolean;
  /** Of the embedded index. */
  maxBytes: number;
}

/** Returns what ends it. */
export function indexMetrics(registry: Registry, { index, isDraining, maxBytes }: IndexMetricsOptions) {
  const registers = [registry];
  const look = looksAt(index);
  const size = (name: string, help: string, of: (stats: IndexStats) => number) =>
    new Gauge({
      name,
      help,
      registers,
      labelNames: ["kind"] as const,
      async collect() {
        const stats = await look();
        this.reset();
        if (stats) this.set({ kind: stats.kind }, of(stats));
      },
    });
  size("twinframe_index_references", "References in the index that answers.", (stats) => stats.references);
  size("twinframe_index_frames", "Descriptors in it.", (stats) => stats.frames);
  size("twinframe_index_bytes", "Memory that their vectors take.", (stats) => stats.bytes);
  size("twinframe_index_stored_bytes", "What they take on the disk.", (stats) => stats.storedBytes);
  new Gauge({
    name: "twinframe_index_max_bytes",
    help: "Memory that the embedded index may take.",
    registers,
  }).set(maxBytes);
  new Gauge({
    name: "twinframe_ready",
    help: "1 when the service can give verdicts: the index answers, and it is not shutting down.",
    registers,
    async collect() {
      this.set((await look()) !== null && !isDraining() ? 1 : 0);
    },
  });
  const breaker = new Gauge({
    name: "twinframe_index_breaker_open",
    help: "1 while calls to the index are refused at once because it has failed.",
    registers,
  });
  const onBreaker = (message: unknown) => breaker.set((message as BreakerChange).open ? 1 : 0);
  BREAKER.subscribe(onBreaker);
  return () => {
    BREAKER.unsubscribe(onBreaker);
  };
}

function looksAt(index: IndexMetricsOptions["index"]): () => Promise<IndexStats | null> {
  let latest: { atMs: number; stats: Promise<IndexStats | null> } | undefined;
  return () => {
    const atMs = performance.now();
    if (!latest || atMs - latest.atMs > LOOK_MS) latest = { atMs, stats: inTime(index().stats()) };
    return latest.stats;
  };
}

/** Null when it fails or is late. */
function inTime(stats: Promise<IndexStats>): Promise<IndexStats | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  return Promise.race([stats.catch(() => null), late]).finally(() => clearTimeout(timer));
}
