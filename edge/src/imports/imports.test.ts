import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { type Import, importLineSchema, importSchema } from "@twinframe/shared/contract";
import { describe, expect, it, vi } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  objectsGone,
  openGate,
  upstream,
} from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import worker from "../index.ts";
import type { JobMessage } from "../platform/queue/messages.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { consume } from "../worker/consume.ts";
import { sweep } from "../worker/sweep.ts";

const csv = { "content-type": "text/csv; charset=utf-8" };
const video = (name: string, query = "") => `${upstream(`/known/900/${name}.mp4`)}${query}`;
const send = (library: string, text: string, headers: Record<string, string> = csv) =>
  ask(`/v1/imports?library=${library}`, { bytes: text, headers });
const begin = async (library: string, text: string) => {
  const response = await send(library, text);
  expect(response.status, await response.clone().text()).toBe(202);
  return importSchema.parse(await jsonOf(response));
};
const read = async (id: string) => importSchema.parse(await jsonOf(await ask(`/v1/imports/${id}`)));
const ended = (id: string, withinMs = 15_000): Promise<Import> =>
  eventually(async () => {
    const seen = await read(id);
    return seen.completed_at !== null && seen;
  }, withinMs);
const linesOf = async (id: string, query = "") => {
  const { data } = await jsonOf(await ask(`/v1/imports/${id}/lines${query}`));
  return data.map((line: unknown) => importLineSchema.parse(line));
};
const analysesOf = async (library: string) =>
  (await backendSeen(library)).calls.filter((call) => call.method === "PUT");

const batchOf = (body: JobMessage) => {
  const message = { id: "m", timestamp: new Date(), attempts: 1, body };
  return createMessageBatch<JobMessage>("twinframe-jobs", [message]) as MessageBatch<JobMessage>;
};

async function deliver(body: JobMessage) {
  const batch = batchOf(body);
  const context = createExecutionContext();
  await worker.queue(batch, env, context);
  return getQueueResult(batch as never, context);
}

/** An import as a crash leaves it: written, with no message on its way. */
async function lost(id: string, library: string, lines: { name: string; status?: string }[]) {
  const old = "2020-01-01T00:00:00.000Z";
  const db = env.DB;
  await db.batch([
    db
      .prepare("INSERT INTO imports VALUES (?, 'default', ?, 'running', ?, 7, NULL, ?, ?, NULL, 0, NULL)")
      .bind(id, library, lines.length, old, old),
    ...lines.map(({ name, status = "queued" }, i) =>
      db
        .prepare("INSERT INTO import_lines VALUES (?, ?, ?, ?, ?, NULL, '{}', NULL, 0, ?, ?)")
        .bind(id, i + 1, status, video(name), video(name), old, old),
    ),
  ]);
}

it("adds every line of a CSV, tells each one's result, and forgets signatures", async () => {
  const library = "import-csv";
  const text = [
    "url,id,metadata.lang",
    `${video("one", "?sig=secret1")},a,en`,
    `${video("two", "?sig=secret2")},,de`,
    `${upstream("/status/404")}?sig=secret3,c,`,
    "nonsense,d,",
    `${video("one", "?sig=secret4")},b,fr`,
  ].join("\r\n");
  const response = await send(library, text);
  expect(response.status).toBe(202);
  const accepted = importSchema.parse(await jsonOf(response));
  expect(response.headers.get("location")).toBe(`/v1/imports/${accepted.id}`);
  expect(accepted).toMatchObject({ library, status: "running", total: 5, failed: 1, completed_at: null });

  expect(await ended(accepted.id)).toMatchObject({
    status: "completed",
    total: 5,
    done: 2,
    failed: 3,
    queued: 0,
    running: 0,
    indexing: 0,
    cancelled: 0,
  });
  const lines = await linesOf(accepted.id);
  expect(lines).toMatchObject([
    { line: 2, status: "done", url: video("one"), reference_id: "a", problem: null },
    {
      line: 3,
      status: "done",
      url: video("two"),
      reference_id: expect.stringMatching(/^ref_/),
      problem: null,
    },
    { line: 4, status: "failed", url: upstream("/status/404"), problem: { code: "source_rejected" } },
    { line: 5, status: "failed", url: null, problem: { code: "invalid_url" } },
    { line: 6, status: "failed", url: video("one"), problem: { code: "reference_content_conflict" } },
  ]);
  const { data } = await jsonOf(await ask(`/v1/references?library=${library}&metadata.lang=de`));
  expect(data).toMatchObject([{ id: lines[1].reference_id, status: "ready" }]);
  const kept = await env.DB.prepare("SELECT * FROM import_lines").all();
  expect(JSON.stringify(kept.results)).not.toContain("secret");
  await objectsGone();

  expect(await linesOf(accepted.id, "?status=done")).toHaveLength(2);
  const first = await jsonOf(await ask(`/v1/imports/${accepted.id}/lines?limit=3`));
  const rest = await linesOf(accepted.id, `?limit=3&cursor=${first.next_cursor}`);
  expect([...first.data, ...rest]).toEqual(lines);
});

it("takes JSON Lines, more of them than a turn works", async () => {
  const library = "import-jsonl";
  const names = Array.from({ length: 62 }, (_, i) => `j${i}`);
  const text = names.map((id) => JSON.stringify({ url: video(id), id })).join("\n");
  const response = await send(library, text, { "content-type": "application/x-ndjson" });
  const { id } = importSchema.parse(await jsonOf(response));
  expect(await ended(id, 35_000)).toMatchObject({ status: "completed", done: 62 });
  expect((await analysesOf(library)).length).toBe(62);
}, 40_000);

it("follows references that take longer than a turn, to a good and to a bad end", async () => {
  // As a turn leaves lines whose references are still indexed.
  const library = "import-follow";
  await lost("imp_follow", library, [
    { name: "x", status: "indexing" },
    { name: "y", status: "indexing" },
    { name: "z", status: "indexing" },
  ]);
  const db = env.DB;
  const old = "2020-01-01T00:00:00.000Z";
  const problem = JSON.stringify({
    type: "t",
    title: "t",
    status: 422,
    code: "unreadable_video",
    detail: "d",
  });
  await db.batch([
    db.prepare(
      "UPDATE import_lines SET reference_id = 'r' || line, source_url = NULL WHERE import_id = 'imp_follow'",
    ),
    db
      .prepare(
        `INSERT INTO library_references (tenant, library, id, sha256, status, job_id, source, metadata, created_at, updated_at)
         VALUES ('default', ?, 'r1', ?, 'ready', 'job_r1', '{}', '{}', ?, ?)`,
      )
      .bind(library, "1".repeat(64), old, old),
    db
      .prepare("INSERT INTO reference_failures VALUES ('default', ?, 'r2', ?, ?)")
      .bind(library, problem, old),
  ]);
  await deliver({ type: "import", import_id: "imp_follow", turn: 7 });
  expect(await read("imp_follow")).toMatchObject({ status: "completed", done: 1, failed: 2 });
  expect(
    (await linesOf("imp_follow")).map((line: { problem: { code: string } | null }) => line.problem?.code),
  ).toEqual([undefined, "unreadable_video", "reference_not_found"]);
});

it("tries again what may pass, later and later", async () => {
  const library = "flaky-import";
  const { id } = await begin(library, `url,id\n${video("flaky")},a`);
  const due: number[] = [];
  const waiting = "import_id = ? AND status = 'queued' AND due_at > updated_at";
  const waits = env.DB.prepare(
    `SELECT (julianday(due_at) - julianday(updated_at)) * 86400 AS s FROM import_lines WHERE ${waiting}`,
  );
  const rush = env.DB.prepare(`UPDATE import_lines SET due_at = '2020' WHERE ${waiting}`);
  await eventually(async () => {
    const { results } = await waits.bind(id).all<{ s: number }>();
    if (results[0]) due.push(Math.round(results[0].s));
    if (results[0]) await rush.bind(id).run();
    return (await read(id)).completed_at !== null;
  }, 18_000);
  expect(due).toEqual([2, 4]);
  expect((await linesOf(id))[0]).toMatchObject({ status: "done", problem: null });
  expect(await analysesOf(library)).toHaveLength(3);
});

describe("messages", () => {
  it("that come twice, late or for nothing do no work", async () => {
    const library = "import-twice";
    await lost("imp_twice", library, [{ name: "t1" }, { name: "t2" }]);
    const message = { type: "import", import_id: "imp_twice", turn: 7 } as const;
    await Promise.all([deliver(message), deliver(message)]);
    expect(await ended("imp_twice")).toMatchObject({ done: 2 });
    const row = await env.DB.prepare("SELECT turn FROM imports WHERE id = 'imp_twice'").first();
    expect(row?.turn).toBe(8);
    for (const turn of [0, 7, 8]) {
      expect((await deliver({ ...message, turn })).explicitAcks).toEqual(["m"]);
    }
    await deliver({ ...message, import_id: "imp_none" });
    expect((await analysesOf(library)).length).toBe(2);
    expect((await env.DB.prepare("SELECT turn FROM imports WHERE id = 'imp_twice'").first())?.turn).toBe(8);
  });

  it("that are lost are made up for by the sweeper, with what a crash left half done", async () => {
    const library = "import-swept";
    await lost("imp_swept", library, [{ name: "s1", status: "running" }, { name: "s2" }]);
    await sweep(requestContextOf(env, { waitUntil: () => {} }), Date.now());
    expect(await ended("imp_swept")).toMatchObject({ status: "completed", done: 2 });
  });
});

describe("cancelling", () => {
  it("begins no further line, and lets what is under way end", async () => {
    const library = "gated-import";
    const names = Array.from({ length: 6 }, (_, i) => `g${i}`);
    const { id } = await begin(
      library,
      `url,id\n${names.map((name) => `${video(name)},${name}`).join("\n")}`,
    );
    await eventually(async () => (await analysesOf(library)).length === 3);
    const cancelled = importSchema.parse(
      await jsonOf(await ask(`/v1/imports/${id}/cancel`, { method: "POST" })),
    );
    expect(cancelled).toMatchObject({ status: "cancelled", running: 3, cancelled: 3, completed_at: null });
    await openGate(library);
    expect(await ended(id)).toMatchObject({ status: "cancelled", done: 3, cancelled: 3 });
    expect((await ask(`/v1/imports/${id}/cancel`, { method: "POST" })).status).toBe(200);
    expect((await analysesOf(library)).length).toBe(3);
    const left = env.DB.prepare(
      "SELECT source_url FROM import_lines WHERE import_id = ? AND source_url IS NOT NULL",
    );
    expect((await left.bind(id).all()).results).toEqual([]);
  });

  it("is refused once it is completed", async () => {
    const { id } = await begin("import-finished", `url\n${video("finished")}`);
    await ended(id);
    await expectProblem(await ask(`/v1/imports/${id}/cancel`, { method: "POST" }), 409, "import_finished");
  });
});

it("are listed newest first, and another tenant's are unknown", async () => {
  const ids: string[] = [];
  for (const name of ["l1", "l2", "l3"]) ids.unshift((await begin("import-list", `url\n${video(name)}`)).id);
  for (const id of ids) await ended(id);
  const first = await jsonOf(await ask("/v1/imports?library=import-list&limit=2"));
  expect(first.data.map(({ id }: Import) => id)).toEqual(ids.slice(0, 2));
  expect(first.data[0]).toEqual(await read(ids[0]!));
  const rest = await jsonOf(await ask(`/v1/imports?library=import-list&limit=2&cursor=${first.next_cursor}`));
  expect(rest).toMatchObject({ data: [{ id: ids[2] }], next_cursor: null });
  expect((await jsonOf(await ask("/v1/imports?library=import-list&status=running"))).data).toEqual([]);
  await env.DB.prepare("UPDATE imports SET tenant = 'other' WHERE id = ?").bind(ids[0]!).run();
  for (const [method, rest] of [
    ["GET", ""],
    ["GET", "/lines"],
    ["POST", "/cancel"],
  ])
    await expectProblem(
      await ask(`/v1/imports/${ids[0]}${rest}`, { method: method! }),
      404,
      "import_not_found",
    );
});

it("goes with its lines ninety days after its end", async () => {
  const { id } = await begin("import-old", `url\n${video("old")}`);
  await ended(id);
  const age = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const sweepAt = async (completedAt: string) => {
    await env.DB.prepare("UPDATE imports SET completed_at = ? WHERE id = ?").bind(completedAt, id).run();
    await sweep(requestContextOf(env, { waitUntil: () => {} }), Date.now());
    return (await ask(`/v1/imports/${id}`)).status;
  };
  expect(await sweepAt(age(89))).toBe(200);
  expect(await sweepAt(age(91))).toBe(404);
  expect(await env.DB.prepare("SELECT * FROM import_lines WHERE import_id = ?").bind(id).first()).toBeNull();
});

it("holds ten thousand lines with all they may say", async () => {
  const metadata = JSON.stringify({ text: "x".repeat(900) });
  const line = (i: number) => `{"url":"${upstream(`/status/404?${i}`)}","id":"m${i}","metadata":${metadata}}`;
  const text = Array.from({ length: 10_000 }, (_, i) => line(i)).join("\n");
  const type = { "content-type": "application/x-ndjson" };
  const response = await send("import-many", text, type);
  const { id, total } = importSchema.parse(await jsonOf(response));
  expect(total).toBe(10_000);
  expect((await ask(`/v1/imports/${id}/cancel`, { method: "POST" })).status).toBe(200);
  await expectProblem(await send("import-many", `${text}\n${line(0)}`, type), 400, "invalid_request");
  await expectProblem(await send("import-many", "x".repeat(10 * 1024 * 1024 + 1)), 413, "request_too_large");
});

describe("a tenant's share", () => {
  const own = (tenant: string) => makeKey(["references:write", "references:read"], { tenant });
  const sendBy = (key: string, library: string, text: string) =>
    ask(`/v1/imports?library=${library}`, { bytes: text, headers: csv, key });
  const states = async (id: string, key: string) => {
    const { data } = await jsonOf(await ask(`/v1/imports/${id}/lines`, { key }));
    return data.map(({ status, problem }: { status: string; problem: { code: string } | null }) => [
      status,
      problem?.code ?? null,
    ]);
  };
  const job = (id: string, turn: number, tenant: string): JobMessage => ({
    type: "import",
    import_id: id,
    turn,
    tenant,
  });

  it("only so many are open, and only so many bytes of them", async () => {
    const open = (tenant: string, id: string, bytes: number) =>
      env.DB.prepare(
        `INSERT INTO imports (id, tenant, library, status, total, created_at, updated_at, bytes)
         VALUES (?1, ?2, 'x', 'running', 0, ?3, ?3, ?4)`,
      )
        .bind(id, tenant, new Date().toISOString(), bytes)
        .run();
    const many = await own("many-imports");
    const large = await own("large-imports");
    for (let n = 0; n < 10; n++) await open("many-imports", `imp_open${n}`, 10);
    await open("large-imports", "imp_large", 32 * 1024 * 1024 - 5);
    for (const key of [many, large]) {
      const refused = await sendBy(key, "import-share", `url\n${video("share")}`);
      expect(refused.headers.get("retry-after")).toBe("60");
      await expectProblem(refused, 429, "too_much_at_once");
    }
    for (const tenant of ["many-imports", "large-imports"])
      await env.DB.prepare("DELETE FROM imports WHERE tenant = ?").bind(tenant).run();
    for (const key of [many, large])
      expect((await sendBy(key, "import-share", `url\n${video("share")}`)).status).toBe(202);
  });

  it("its lines count as requests: those over the minute's limit wait, and leave a tenth to requests", async () => {
    // Near enough to the backend's own time for its signatures.
    const minute = Date.now() - (Date.now() % 60_000);
    vi.useFakeTimers({ toFake: ["Date"], now: minute + 10_000 });
    const tenant = "line-quota";
    const admin = await makeKey(["admin"], { tenant });
    const asked = {
      name: "limited",
      scopes: ["references:write", "references:read"],
      limits: { per_minute: 10 },
    };
    const { key, id: keyId } = await jsonOf(await ask("/v1/keys", { key: admin, json: asked }));
    const names = Array.from({ length: 12 }, (_, i) => video(`q${i}`));
    const sent = { bytes: ["url", ...names].join("\n"), headers: { ...csv, authorization: `Bearer ${key}` } };
    const request = new Request("http://edge.test/v1/imports?library=import-quota", {
      method: "POST",
      headers: sent.headers,
      body: sent.bytes,
    });
    // Its messages are delivered here.
    const quiet = { ...env, JOBS: { send: async () => {} } } as never;
    const response = await worker.fetch(request as never, quiet, createExecutionContext());
    const { id } = (await response.json()) as Import;
    const turn = (n: number) =>
      consume(requestContextOf(quiet, createExecutionContext()), batchOf(job(id, n, tenant)));
    await turn(0);
    // The POST was one of ten; eight lines, and the last of ten is left.
    const waiting = (await states(id, admin)).filter(([status]: string[]) => status === "queued");
    expect(waiting).toHaveLength(4);
    expect(waiting.filter(([, code]: string[]) => code === "rate_limited").length).toBeGreaterThan(0);
    expect((await ask("/v1/imports", { key })).status).toBe(200);
    expect((await ask("/v1/imports", { key })).status).toBe(429);

    vi.setSystemTime(minute + 60_000);
    await turn(1);
    expect((await states(id, admin)).every(([status]: string[]) => status === "done")).toBe(true);
    const { data } = await jsonOf(await ask("/v1/usage", { key: admin }));
    const mine = data.filter(({ key_id }: { key_id: string }) => key_id === keyId);
    // The POST, twelve lines and one GET.
    expect(mine.reduce((sum: number, { requests }: { requests: number }) => sum + requests, 0)).toBe(14);
    vi.useRealTimers();
  });
});

it.each([
  ["", "text/csv", 400, "invalid_request"],
  ['url\n"open', "text/csv", 400, "invalid_request"],
  ["url\nx", "application/json", 415, "unsupported_media_type"],
  ["url\nx", "", 415, "unsupported_media_type"],
])("refuses %j as %s", async (text, type, status, code) => {
  await expectProblem(await send("import-refused", text, { "content-type": type }), status, code);
  const bytes = new Uint8Array([0x75, 0xff, 0x0a]);
  const wrong = await ask("/v1/imports", { bytes, headers: csv });
  await expectProblem(wrong, 400, "invalid_request");
  await expectProblem(
    await ask("/v1/imports?nope=1", { bytes: "url\nx", headers: csv }),
    400,
    "invalid_request",
  );
});
