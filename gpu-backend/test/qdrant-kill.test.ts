// A Qdrant server that is killed while it is written to. Needs the server's program: QDRANT_BIN=/path/to/qdrant.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openQdrantStore } from "../src/index/qdrant/qdrant-store.ts";
import { DEFAULT_QDRANT_SETTINGS } from "../src/index/qdrant/settings.ts";
import type { ReferenceEntry } from "../src/index/reference-record.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";
import { hitsOf } from "./index-under-test.ts";

const BINARY = process.env.QDRANT_BIN ?? "";
const DIMS = 32;
const LIBRARY = "tenant/default";
const WRITERS = 6;
const ACKNOWLEDGED_BEFORE_KILL = 60;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(BINARY === "")("a Qdrant server that is killed", () => {
  let folder: string;
  let ports: [number, number];
  let server: ChildProcess | undefined;
  const url = () => `http://127.0.0.1:${ports[0]}`;

  async function start(): Promise<void> {
    const environment = {
      QDRANT__SERVICE__HOST: "127.0.0.1",
      QDRANT__SERVICE__HTTP_PORT: String(ports[0]),
      QDRANT__SERVICE__GRPC_PORT: String(ports[1]),
      QDRANT__STORAGE__STORAGE_PATH: join(folder, "storage"),
      QDRANT__STORAGE__SNAPSHOTS_PATH: join(folder, "snapshots"),
      QDRANT__TELEMETRY_DISABLED: "true",
    };
    server = spawn(BINARY, { cwd: folder, env: { ...process.env, ...environment }, stdio: "ignore" });
    while (!(await fetch(`${url()}/readyz`).catch(() => null))?.ok) {
      if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
      await pause(50);
    }
  }

  async function kill(): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "twinframe-qdrant-"));
    ports = [await freePort(), await freePort()];
    await start();
  });
  afterEach(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });

  const entry = (number: number, version: number): ReferenceEntry =>
    entryOf(`r${number}`, trackOf(driftingVectors(1000 * version + number, 5 + version * 4, DIMS), DIMS), {
      jobId: `job_${number}_${version}`,
    });

  async function expectWhole(index: VectorIndex, { id, jobId, track }: ReferenceEntry): Promise<void> {
    expect(await index.getReference(LIBRARY, id)).toMatchObject({ jobId });
    const hits = await index.searchBatch(LIBRARY, track.vectors, 1);
    for (let frame = 0; frame < track.startS.length; frame++)
      expect(hitsOf(hits, frame)).toMatchObject([{ id, frame, similarity: expect.closeTo(1, 3) }]);
  }

  it("has every acknowledged reference whole after a kill, and is unavailable meanwhile", async () => {
    const indexStore = await openQdrantStore({ ...DEFAULT_QDRANT_SETTINGS, url: url(), timeoutMs: 2_000 });
    await indexStore.create({
      name: "main",
      model: { id: "test", version: "1" },
      manifest: "test",
      dims: DIMS,
    });
    const index = await indexStore.open("main");
    const acknowledged = new Map<number, ReferenceEntry>();
    const begun = new Map<number, ReferenceEntry>();
    let count = 0;
    // Each writer adds references of its own and replaces each once, until the server is gone.
    const write = async (writer: number) => {
      for (let number = writer; ; number += WRITERS)
        for (const version of [1, 2]) {
          const one = entry(number, version);
          begun.set(number, one);
          await index.upsertReference(one);
          acknowledged.set(number, one);
          if (++count === ACKNOWLEDGED_BEFORE_KILL) void kill();
        }
    };
    const ends = await Promise.allSettled(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    for (const end of ends)
      expect(end).toMatchObject({ status: "rejected", reason: { code: "index_unavailable" } });
    expect(count).toBeGreaterThanOrEqual(ACKNOWLEDGED_BEFORE_KILL);
    const query = entry(0, 1).track.vectors;
    for (let i = 0; i < 4; i++)
      await expect(index.searchBatch(LIBRARY, query, 5)).rejects.toMatchObject({ code: "index_unavailable" });
    await expect(index.getReference(LIBRARY, "r0")).rejects.toMatchObject({ code: "index_unavailable" });

    await start();
    // The circuit breaker lets somebody try after its pause.
    await expect
      .poll(
        () =>
          index.stats().then(
            () => "answers",
            () => "away",
          ),
        { timeout: 20_000 },
      )
      .toBe("answers");
    const listed = new Map((await index.listReferences(null, 10_000)).map((one) => [one.id, one.jobId]));
    for (const [number, last] of acknowledged) {
      const latest = begun.get(number) as ReferenceEntry;
      // The one whose answer the kill cut off may have been made or not.
      const isLater = latest !== last && listed.get(last.id) === latest.jobId;
      await expectWhole(index, isLater ? latest : last);
    }
    for (const [number, one] of begun)
      if (!acknowledged.has(number) && listed.has(one.id)) await expectWhole(index, one);
    // And what was not acknowledged can be sent again.
    for (const [number, one] of begun) if (acknowledged.get(number) !== one) await index.upsertReference(one);
    for (const one of begun.values()) await expectWhole(index, one);
    await indexStore.close();
  });
});
