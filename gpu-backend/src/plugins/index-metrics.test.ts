import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { noteBreaker } from "../work/channels.ts";
import { indexMetrics } from "./index-metrics.ts";

const STATS = { kind: "qdrant", references: 3, frames: 40, bytes: 500, storedBytes: 600 };

async function textOf(stats: () => Promise<typeof STATS>, isDraining = () => false) {
  const registry = new Registry();
  const end = indexMetrics(registry, { index: () => ({ stats }), isDraining, maxBytes: 1000 });
  return { read: () => registry.metrics(), end };
}

it("all figures of a scrape are of one look at the index that answers", async () => {
  let looks = 0;
  const { read, end } = await textOf(async () => ({ ...STATS, references: ++looks, frames: looks }));
  const text = await read();
  expect(text).toContain('twinframe_index_references{kind="qdrant"} 1\n');
  expect(text).toContain('twinframe_index_frames{kind="qdrant"} 1\n');
  expect(text).toContain("twinframe_ready 1\n");
  expect(looks).toBe(1);
  end();
});

it("an index that fails is told as such, and no size of it", async () => {
  const { read, end } = await textOf(() => Promise.reject(new Error("gone")));
  const text = await read();
  expect(text).toContain("twinframe_ready 0\n");
  expect(text).not.toMatch(/^twinframe_index_(?:references|frames|bytes|stored_bytes)\{/m);
  end();
});

it("a service that shuts down is not ready", async () => {
  const { read, end } = await textOf(
    async () => STATS,
    () => true,
  );
  expect(await read()).toContain("twinframe_ready 0\n");
  end();
});

it("the breaker's state is told until nobody asks any more", async () => {
  const { read, end } = await textOf(async () => STATS);
  expect(await read()).toContain("twinframe_index_breaker_open 0\n");
  noteBreaker(true);
  expect(await read()).toContain("twinframe_index_breaker_open 1\n");
  noteBreaker(false);
  end();
  noteBreaker(true);
  expect(await read()).toContain("twinframe_index_breaker_open 0\n");
});
