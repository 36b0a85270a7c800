// The backend's HTTP surface: what is refused, health. Who may ask: gate.test.ts.

import { join } from "node:path";
import { analysisPath, backendReadinessSchema } from "@twinframe/shared/contract";
import fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { healthRoutes } from "../src/routes/health.ts";
import { clip, scratchFolder } from "./clips.ts";
import { defaultModel, type RunningBackend, startBackend } from "./running-backend.ts";

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
beforeAll(async () => {
  scratch = await scratchFolder();
  backend = await startBackend(join(scratch.path, "state"));
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

const REFERENCE = "/internal/tenants/acme/libraries/default/references/a";

describe("internal routes", () => {
  it("say what is wrong with a signed request", async () => {
    const shape = await backend.send("PUT", analysisPath("chk_1"), { tenant: "acme", surprise: 1 });
    expect(shape.status).toBe(400);
    const problem = (await shape.json()) as { code: string; errors: { pointer: string }[] };
    expect(problem.code).toBe("invalid_request");
    expect(problem.errors.map(({ pointer }) => pointer)).toContain("/library");
    expect((await backend.send("DELETE", "/internal/tenants/A!/libraries/x/references/a")).status).toBe(400);
    expect((await backend.send("DELETE", `${REFERENCE}?unknown=1`)).status).toBe(400);
    for (const method of ["GET", "DELETE"])
      expect((await backend.send(method, analysisPath("chk_unknown"))).status).toBe(404);
    expect((await backend.send("GET", "/internal/nothing")).status).toBe(404);
  });

  it("refuse an address that is not the edge's", async () => {
    const request = await backend.requestFor(await clip(), {
      source: { kind: "url", url: "http://127.0.0.1:1/x" },
    });
    expect((await backend.analyse("chk_elsewhere", request)).at(-1)).toMatchObject({
      event: "problem",
      problem: { code: "source_address_refused" },
    });
  });

  it("give an analysis id to one request only", async () => {
    const file = await clip();
    await backend.analyse("chk_twice", await backend.requestFor(file));
    const response = await backend.send(
      "PUT",
      analysisPath("chk_twice"),
      await backend.requestFor(file, { tenant: "other" }),
    );
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "analysis_conflict" });
  });
});

describe("health", () => {
  it("names the model, the execution provider, the index and its size", async () => {
    const request = await backend.requestFor(await clip(), {
      task: { kind: "reference", reference_id: "a" },
      library: "health",
    });
    await backend.analyse("job_health", request);
    const response = await fetch(`${backend.url}/readyz`);
    expect(response.status).toBe(200);
    const readiness = backendReadinessSchema.parse(await response.json());
    expect(readiness).toMatchObject({
      ready: true,
      model: await defaultModel(),
      execution_provider: "cpu",
    });
    expect(readiness.media_sandbox?.level).toMatch(/^(bubblewrap|setpriv|rlimits)$/);
    expect(readiness.index).toMatchObject({ kind: "embedded", references: 1 });
    expect(readiness.index.frames).toBeGreaterThan(0);
    expect((await fetch(`${backend.url}/livez`)).status).toBe(200);
  });

  it("asks the index once, however many want to know at a time", async () => {
    const asked = { times: 0 };
    const stats = { kind: "counted", references: 0, frames: 0, bytes: 0 };
    const stages = {
      embedder: { manifest: { id: "m", version: "1" }, executionProvider: "cpu" },
      index: {
        stats: async () => {
          asked.times++;
          return stats;
        },
        installation: async () => null,
      },
    };
    const hold = async () => ({ stages, [Symbol.dispose]: () => {} });
    const app = fastify();
    healthRoutes(
      app,
      { hold, latest: stages } as never,
      { level: "rlimits", reason: null } as never,
      () => false,
    );
    const ask = () => app.inject("/readyz");
    const answers = await Promise.all(Array.from({ length: 50 }, ask));
    expect(answers.map((answer) => answer.json().index.kind)).toEqual(Array(50).fill("counted"));
    expect(asked.times).toBe(1);
    await app.close();
  });

  it("is not ready while it drains, but alive", async () => {
    const draining = await startBackend(join(scratch.path, "draining"));
    await draining.drain();
    const response = await fetch(`${draining.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      ready: false,
      reasons: [expect.stringContaining("shutting down")],
    });
    expect((await fetch(`${draining.url}/livez`)).status).toBe(200);
    await draining.close();
  });
});
