import { createExecutionContext } from "cloudflare:test";
import { signUrl } from "@twinframe/shared/signing";
import { describe, expect, it } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  storedObjects,
} from "../../test/client.ts";
import { API_KEY, SIGNING_SECRET } from "../../test/settings.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { app } from "../app.ts";
import worker from "../index.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { sweep } from "../worker/sweep.ts";

const long = "2020-01-01T00:00:00.000Z";

async function sweepNow(dueMs = Date.now()) {
  const deferred: Promise<unknown>[] = [];
  await sweep(requestContextOf(env, { waitUntil: (work) => deferred.push(work) }), dueMs);
  await Promise.all(deferred);
}

describe("health", () => {
  it("lives, and is ready with the backend's facts", async () => {
    expect((await ask("/livez", { key: null })).status).toBe(200);
    const response = await ask("/readyz", { key: null });
    expect(response.status).toBe(200);
    expect(await jsonOf(response)).toEqual({
      ready: true,
      reasons: [],
      model: { id: "fake", version: "1" },
      execution_provider: "cpu",
      index: { kind: "fake", references: 1, frames: 2, bytes: 3 },
    });
  });

  it("is not ready without its backend, and says so", async () => {
    const alone = { ...env, BACKEND_URL: "http://127.0.0.1:1" };
    const response = await worker.fetch(
      new Request("http://edge.test/readyz") as never,
      alone,
      createExecutionContext(),
    );
    expect(response.status).toBe(503);
    expect((await jsonOf(response)).reasons).toEqual(["the analysis service does not answer"]);
  });

  it("a backend that is not there is a 503 for a check", async () => {
    const request = new Request("http://edge.test/v1/checks", {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "video/mp4" },
      body: videoBytes(900, "alone"),
    });
    const alone = { ...env, BACKEND_URL: "http://127.0.0.1:1" };
    const response = await worker.fetch(request as never, alone, createExecutionContext());
    expect(response.headers.get("retry-after")).toBe("5");
    await expectProblem(response, 503, "backend_unavailable");
  });
});

it.each([
  ["added", "/v1/references?library=kept&id=a", 201],
  ["found unique by a check", "/v1/checks?library=kept-unique&index=if_unique&reference_id=a", 200],
])(
  "keeps originals of references %s where it is told to, until they are deleted",
  async (_, path, status) => {
    const keeping = { ...env, KEEP_ORIGINALS: "true" };
    const library = new URLSearchParams(path.split("?")[1]).get("library");
    const send = (method: string, to: string, body?: BodyInit) => {
      const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "video/mp4" };
      const request = new Request(`http://edge.test${to}`, { method, headers, ...(body ? { body } : {}) });
      return worker.fetch(request as never, keeping, createExecutionContext());
    };
    const bytes = videoBytes(900, `kept ${status}`);
    expect((await send("POST", path, bytes)).status).toBe(status);
    expect((await send("POST", path, bytes)).status).toBe(200);
    const kept = async () =>
      (await storedObjects()).filter((key) => key.startsWith(`references/default/${library}/`));
    await eventually(async () => (await kept()).length === 1);
    const original = await env.OBJECTS.get((await kept())[0] ?? "");
    expect(new Uint8Array(await original!.arrayBuffer())).toEqual(bytes);
    expect((await send("DELETE", `/v1/references/a?library=${library}`)).status).toBe(204);
    await eventually(async () => (await kept()).length === 0);
  },
);

describe("signed links", () => {
  const link = async (key: string, secret = SIGNING_SECRET, expiresS = Date.now() / 1000 + 60) => {
    const url = await signUrl(secret, new URL(`http://edge.test/internal/objects/${key}`), expiresS);
    return `${url.pathname}${url.search}`;
  };

  it("give the object, with its length", async () => {
    const bytes = videoBytes(50_000, "link");
    await env.OBJECTS.put("intake/link", bytes);
    const response = await ask(await link("intake/link"), { key: null });
    expect(response.headers.get("content-length")).toBe("50000");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    await env.OBJECTS.delete("intake/link");
    await expectProblem(await ask(await link("intake/link")), 404, "object_not_found");
  });

  it("hold under the secret before, too, while it is valid", async () => {
    await env.OBJECTS.put("intake/rotated", "x");
    const next = "the next secret of the tests";
    const rotated = { ...env, SIGNING_SECRET: next, SIGNING_SECRET_PREVIOUS: SIGNING_SECRET };
    const statusOf = async (secret: string) => {
      const request = new Request(`http://edge.test${await link("intake/rotated", secret)}`);
      const response = await app.fetch(request, rotated, createExecutionContext());
      await response.text();
      return response.status;
    };
    const asked = [next, SIGNING_SECRET, "another secret of 16"].map(statusOf);
    expect(await Promise.all(asked)).toEqual([200, 200, 401]);
    await env.OBJECTS.delete("intake/rotated");
  });

  it("are refused when forged, over, or for another object", async () => {
    await env.OBJECTS.put("intake/secret", "x");
    const good = await link("intake/other");
    const forged = [
      await link("intake/secret", "another secret of 16"),
      await link("intake/secret", SIGNING_SECRET, Date.now() / 1000 - 1),
      good.replace("other", "secret"),
    ];
    for (const path of forged) await expectProblem(await ask(path), 401, "bad_signature");
    await env.OBJECTS.delete("intake/secret");
  });
});

describe("the sweeper", () => {
  it("takes up a check that nobody works on", async () => {
    await env.OBJECTS.put("intake/chk_lost", videoBytes(900, "lost"));
    await env.DB.prepare(
      `INSERT INTO checks (id, tenant, library, status, request, sha256, bytes, object_key, intake_ms, created_at, updated_at)
       VALUES ('chk_lost', 'default', 'lost', 'running', ?, ?, 900, 'intake/chk_lost', 1, ?, ?)`,
    )
      .bind(JSON.stringify({ library: "lost", index: "never", metadata: {} }), "a".repeat(64), long, long)
      .run();
    await sweepNow();
    await eventually(async () => (await jsonOf(await ask("/v1/checks/chk_lost"))).status === "completed");
  });

  it("takes up a reference, a deletion, and frees the claim of a finished check", async () => {
    const insert = `INSERT INTO library_references
      (tenant, library, id, sha256, status, job_id, acknowledged, object_key, source, metadata, created_at, updated_at)
      VALUES ('default', 'swept', ?, ?, 'indexing', ?, 1, 'intake/swept', '{}', '{}', ?, ?)`;
    await env.OBJECTS.put("intake/swept", videoBytes(900, "swept"));
    const db = env.DB;
    await db.batch([
      db.prepare(insert).bind("a", "b".repeat(64), "job_swept", long, long),
      db.prepare(insert).bind("c", "c".repeat(64), "chk_gone", long, long),
      db
        .prepare(
          "INSERT INTO deleted_references (tenant, library, id, job_id, object_key, updated_at) VALUES ('default', 'swept', 'd', 'job_d', NULL, ?)",
        )
        .bind(long),
    ]);
    await sweepNow();
    await eventually(async () => {
      const { results } = await db
        .prepare("SELECT id, status FROM library_references WHERE library = 'swept'")
        .all();
      return JSON.stringify(results) === '[{"id":"a","status":"ready"}]';
    });
    await eventually(async () => {
      const deletions = (await backendSeen("swept")).calls.filter((call) => call.method === "DELETE");
      return new Set(deletions.map((call) => call.jobId)).isSupersetOf(new Set(["job_d", "chk_gone"]));
    });
  });

  it("leaves alone what is young", async () => {
    await env.OBJECTS.put("intake/young", "x");
    await sweepNow();
    expect(await storedObjects()).toContain("intake/young");
  });
});
