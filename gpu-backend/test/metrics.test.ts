// What /metrics says of work that was really done, and to whom.

import { join } from "node:path";
import { analysisPath } from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clip, scratchFolder } from "./clips.ts";
import { defaultModel, type RunningBackend, startBackend } from "./running-backend.ts";

const TOKEN = "a-token-only-for-the-metrics";

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
beforeAll(async () => {
  scratch = await scratchFolder();
  backend = await startBackend(join(scratch.path, "state"), { TWINFRAME_METRICS_TOKEN: TOKEN });
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

const read = (url: string, token?: string) =>
  fetch(`${url}/metrics`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

/** Samples by name with labels, as printed. */
async function samples({ url }: RunningBackend): Promise<Map<string, number>> {
  const response = await read(url, TOKEN);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const lines = (await response.text()).split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

describe("without the token", () => {
  it("there is nothing to read", async () => {
    expect((await read(backend.url)).status).toBe(401);
    const wrong = await read(backend.url, "another-token-for-the-metrics");
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ code: "invalid_api_key" });
  });

  it("among the settings there is no such route", async () => {
    await using other = await scratchFolder();
    const silent = await startBackend(join(other.path, "state"));
    expect((await read(silent.url, TOKEN)).status).toBe(401);
    await silent.close();
  });
});

describe("with it", () => {
  it("analyses, questions, stages, batches, problems, index, model and requests are told", async () => {
    const file = await clip();
    const reference = { task: { kind: "reference" as const, reference_id: "a" } };
    await backend.analyse("job_1", await backend.requestFor(file, reference));
    await backend.analyse("chk_1", await backend.requestFor(file));
    await backend.analyse("chk_2", await backend.requestFor(file, { library: "empty" }));
    const elsewhere = { source: { kind: "url" as const, url: "http://127.0.0.1:1/x?token=s3cret" } };
    await backend.analyse("chk_3", await backend.requestFor(file, elsewhere));
    const { sha256, source } = await backend.requestFor(file);
    await backend.question("qst_1", { kind: "description", video: { kind: "video", sha256, source } });
    await fetch(`${backend.url}/nowhere/${"x".repeat(40)}`);

    const seen = await samples(backend);
    const { id, version } = await defaultModel();
    const expected = {
      'twinframe_analyses_total{task="reference",outcome="indexed",found_by="none"}': 1,
      'twinframe_analyses_total{task="check",outcome="duplicate",found_by="exact_packets"}': 1,
      'twinframe_analyses_total{task="check",outcome="unique",found_by="none"}': 1,
      'twinframe_analyses_total{task="check",outcome="failed",found_by="none"}': 1,
      'twinframe_problems_total{operation="analysis",code="source_address_refused"}': 1,
      'twinframe_questions_total{kind="description",outcome="answered"}': 1,
      'twinframe_stage_duration_seconds_count{operation="analysis",stage="index"}': 1,
      'twinframe_stage_duration_seconds_count{operation="analysis",stage="fetch"}': 4,
      'twinframe_stage_duration_seconds_count{operation="question",stage="embed"}': 1,
      'twinframe_work_duration_seconds_count{operation="analysis",kind="check"}': 3,
      'twinframe_slot_wait_seconds_count{operation="analysis"}': 4,
      twinframe_analyses_waiting: 0,
      twinframe_analyses_running: 0,
      twinframe_analysis_slots: 4,
      'twinframe_questions_waiting{kind="search"}': 0,
      'twinframe_index_references{kind="embedded"}': 1,
      twinframe_ready: 1,
      twinframe_index_breaker_open: 0,
      twinframe_execution_providers_refused: 0,
      [`twinframe_model_info{model="${id}",version="${version}",execution_provider="cpu"}`]: 1,
      'twinframe_http_request_duration_seconds_count{method="GET",route="none",status="401"}': 1,
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, seen.get(name)]))).toEqual(expected);
    expect(seen.get("twinframe_batch_frames_count")).toBeGreaterThan(0);
    expect(seen.get("twinframe_batch_frames_sum")).toBeGreaterThan(0);
    expect(seen.get("twinframe_fetched_bytes_total")).toBeGreaterThan(0);
    expect(seen.get('twinframe_index_frames{kind="embedded"}')).toBeGreaterThan(0);
    expect(seen.get("process_resident_memory_bytes")).toBeGreaterThan(0);
    // Whoever asked, and for what, is no label.
    for (const name of seen.keys()) expect(name).not.toMatch(/acme|default|chk_|job_|qst_|s3cret|xxxx/);
  });

  it("what runs and what waits is told while it does", async () => {
    await using other = await scratchFolder();
    const slots = { TWINFRAME_MAX_CONCURRENT_ANALYSES: "1", TWINFRAME_METRICS_TOKEN: TOKEN };
    const narrow = await startBackend(join(other.path, "state"), slots);
    const file = await clip();
    const ids = ["chk_a", "chk_b", "chk_c"];
    const requests = await Promise.all(ids.map(() => narrow.requestFor(file)));
    const all = ids.map((id, n) => narrow.analyse(id, requests[n]!));
    // All three have been started once each has its stream; the scrape is answered between their stages.
    let seen = await samples(narrow);
    while ((seen.get("twinframe_analyses_waiting") ?? 0) < 2) seen = await samples(narrow);
    expect(seen.get("twinframe_analyses_running")).toBe(1);
    expect(seen.get("twinframe_analysis_slots")).toBe(1);
    for (const id of ids) await narrow.send("DELETE", analysisPath(id));
    await Promise.all(all);
    seen = await samples(narrow);
    expect([seen.get("twinframe_analyses_waiting"), seen.get("twinframe_analyses_running")]).toEqual([0, 0]);
    await narrow.drain();
    // A look at the index serves for a second; that we are draining is told at once.
    expect((await samples(narrow)).get("twinframe_ready")).toBe(0);
    await narrow.close();
  });
});
