// Videos through the real backend over HTTP: ffmpeg, ONNX Runtime, the index, alignment and verdict.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type AnalysisTask, analysisPath } from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnalysisClient, resultOf } from "./analysis-client.ts";
import { clip, cutFile, fileOf, madeBy, remuxed, scratchFolder } from "./clips.ts";
import { defaultModel, type RunningBackend, startBackend } from "./running-backend.ts";

const X264 = ["-c:v", "libx264", "-preset", "veryfast"];
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
let original: string;
let other: string;
let client: AnalysisClient;

beforeAll(async () => {
  scratch = await scratchFolder();
  [original, other] = await Promise.all([
    clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 8, sound: true }),
    clip({ picture: "life=ratio=0.3:seed=5:mold=10:life_color=#33cc66:death_color=#aa3322", durationS: 8 }),
  ]);
  backend = await startBackend(join(scratch.path, "state"));
  client = new AnalysisClient(backend);
  await client.index("original", original);
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

const remove = (id: string, query = "") =>
  backend.send("DELETE", `/internal/tenants/acme/libraries/default/references/${id}${query}`);

describe("an analysis", () => {
  it("reports its stages and describes the video", async () => {
    const events = await client.run(await madeBy("mp4", ["-i", other, ...X264, "-crf", "25"]), {
      kind: "check",
      index_as: null,
    });
    const stages = new Set(events.map((event) => (event.event === "progress" ? event.stage : event.event)));
    expect([...stages]).toEqual(["fetch", "probe", "decode", "embed", "search", "align", "result"]);
    const { video, model, timings_ms } = resultOf(events);
    expect(video).toMatchObject({ duration_s: 8, frames: 16, width: 320, height: 240 });
    expect(model).toEqual(await defaultModel());
    expect(Object.keys(timings_ms)).toEqual(["fetch", "probe", "decode", "embed", "search", "align"]);
  });

  it("finds a remuxed copy by its packets, without decoding it", async () => {
    const result = await client.check(await remuxed(original, "mkv", ["-metadata", "title=mine"]));
    expect(result).toMatchObject({
      found_by: "exact_packets",
      matches: [{ reference_id: "original", score: 1 }],
    });
    expect(result.timings_ms).not.toHaveProperty("embed");
    expect(result.video.frames).toBe(0);
  });

  it("finds no disabled reference, by packets or by frames, and finds others in its place", async () => {
    const reencoded = await madeBy("mp4", ["-i", original, ...X264, "-crf", "28"]);
    await client.index("second", reencoded);
    const task = { kind: "check" as const, index_as: null };
    const copy = await remuxed(original, "mkv", ["-metadata", "title=left out"]);
    const ask = async (id: string) =>
      resultOf(await backend.analyse(id, await backend.requestFor(copy, { task })));
    await backend.switchReference("original", 1);
    expect(await ask("chk_without_one")).toMatchObject({
      found_by: "content",
      matches: [{ reference_id: "second", verdict: "duplicate" }],
    });
    await backend.switchReference("second", 1);
    expect(await ask("chk_without_both")).toMatchObject({ found_by: null, matches: [] });
    await backend.switchReference("original", 2);
    // Late, or sent again: the greatest number counts.
    await backend.switchReference("original", 1);
    expect(await ask("chk_with_it_again")).toMatchObject({ found_by: "exact_packets" });
    await remove("second");
  });

  it("finds a small, strongly compressed copy by its content", async () => {
    const copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "34"]);
    const { found_by, matches } = await client.check(copy);
    expect(found_by).toBe("content");
    expect(matches).toHaveLength(1);
    expect(matches[0]).toMatchObject({ reference_id: "original", verdict: "duplicate" });
    expect(matches[0]?.visual.segments).toMatchObject([{ query: { start_s: 0, end_s: 8 }, speed: 1 }]);
  });

  it("reports the seconds of the reference that an excerpt was taken from", async () => {
    const excerpt = await madeBy("mp4", ["-ss", "2.4", "-t", "4", "-i", original, ...X264]);
    const [match] = (await client.check(excerpt)).matches;
    expect(match).toMatchObject({ reference_id: "original", verdict: "duplicate" });
    expect(match?.visual.segments[0]?.reference.start_s).toBeCloseTo(2.4, 0);
    expect(match?.visual.reference_coverage).toBeCloseTo(0.5, 1);
  });

  it("finds nothing for an unrelated video, in another library, or in an emptied one", async () => {
    expect((await client.check(other)).matches).toEqual([]);
    expect((await client.check(original, { library: "another" })).matches).toEqual([]);
    await client.index("passing", other);
    expect((await client.check(other)).matches).toMatchObject([{ reference_id: "passing" }]);
    expect((await remove("passing")).status).toBe(200);
    expect(await client.check(other)).toMatchObject({ matches: [], found_by: null });
    expect((await remove("passing")).status).toBe(200);
  });

  it("keeps a reference that a later job has written, when an earlier job deletes it", async () => {
    await client.run(other, { kind: "reference", reference_id: "again" }, "default", "job_new");
    await remove("again", "?job_id=job_old");
    expect((await client.check(other)).matches).toMatchObject([{ reference_id: "again" }]);
    await remove("again", "?job_id=job_new");
    expect((await client.check(other)).matches).toEqual([]);
  });

  it("never matches black with black", async () => {
    const black = (crf: string) =>
      madeBy("mp4", ["-f", "lavfi", "-i", "color=black:size=320x240:duration=4", ...X264, "-crf", crf]);
    expect((await client.index("black", await black("20"))).indexed_as).toBe("black");
    expect((await client.check(await black("30"))).matches).toEqual([]);
  });

  it.each([
    ["a text file", "unreadable_video", () => fileOf(scratch.path, "notes.mp4", "not a video at all")],
    ["a truncated file", "truncated_video", () => cutFile(other, 0.5, scratch.path)],
    ["sound alone", "no_video_stream", () => madeBy("mp4", ["-f", "lavfi", "-i", "sine=duration=2"])],
  ])("ends with a problem for %s", async (_what, code, file) => {
    const events = await client.run(await file(), { kind: "check", index_as: null });
    // A file without its index is unreadable as much as truncated; both codes say to send the whole file.
    const codes = code === "truncated_video" ? ["truncated_video", "unreadable_video"] : [code];
    expect(events.at(-1)).toMatchObject({ event: "problem", problem: { code: expect.toBeOneOf(codes) } });
  });

  it("is attached to by GET, which returns 404 for an unknown id", async () => {
    await client.run(other, { kind: "check", index_as: null }, "default", "job_heard");
    const heard = await (await backend.send("GET", analysisPath("job_heard"))).text();
    expect(JSON.parse(heard)).toMatchObject({ event: "result", result: { matches: [] } });
    const unknown = await backend.send("GET", analysisPath("job_unheard"));
    expect(await unknown.json()).toMatchObject({ status: 404, code: "analysis_not_found" });
  });

  it("ends with source_failed when the bytes have another hash, and leaves no file behind", async () => {
    const request = await backend.requestFor(other, { sha256: "0".repeat(64) });
    const events = await backend.analyse("job_wrong_bytes", request);
    expect(events.at(-1)).toMatchObject({ event: "problem", problem: { code: "source_failed" } });
    expect(await readdir(join(scratch.path, "state", "videos"))).toEqual([]);
  });
});

describe("a check that indexes what is unique", () => {
  it("adds one of two copies that come at once, and finds it for the other", async () => {
    const [first, second] = await Promise.all([
      clip({ picture: "testsrc2", durationS: 6 }),
      madeBy("mp4", [
        "-i",
        await clip({ picture: "testsrc2", durationS: 6 }),
        "-vf",
        "scale=240:180",
        ...X264,
        "-crf",
        "30",
      ]),
    ]);
    const results = await Promise.all(
      [first, second].map(async (file, i) =>
        resultOf(await client.run(file, { kind: "check", index_as: `twin_${i}` }, "race")),
      ),
    );
    const joined = results.filter(({ indexed_as }) => indexed_as !== null);
    const found = results.filter(({ matches }) => matches.length > 0);
    expect([joined.length, found.length]).toEqual([1, 1]);
    expect(found[0]?.matches[0]?.reference_id).toBe(joined[0]?.indexed_as);
  });

  it("is not a copy of itself when it is repeated after a restart", async () => {
    const state = join(scratch.path, "forgetful");
    const task: AnalysisTask = { kind: "check", index_as: "me", explain: true };
    const outcomes = [];
    for (let start = 0; start < 2; start++) {
      const fresh = await startBackend(state);
      outcomes.push(resultOf(await fresh.analyse("chk_same", await fresh.requestFor(other, { task }))));
      await fresh.close();
    }
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ indexed_as: "me", matches: [], found_by: null });
    expect(outcomes[1]?.video).toEqual(outcomes[0]?.video);
    expect(outcomes.map(({ explanation }) => explanation?.reason)).toEqual([
      expect.stringMatching(/library is empty/),
      expect.stringMatching(/joined the library as me; then the analysis was interrupted/),
    ]);
  });
});
