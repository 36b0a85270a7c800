// Videos through the real backend over HTTP: ffmpeg, ONNX Runtime, the index, alignment and verdict.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AnalysisEvent,
  type AnalysisResult,
  type AnalysisTask,
  analysisPath,
  DEFAULT_POLICY,
  isFullySeen,
  type VisualPolicy,
} from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clip, cutFile, fileOf, madeBy, remuxed, scratchFolder } from "./clips.ts";
import { defaultModel, type RunningBackend, startBackend } from "./running-backend.ts";

const X264 = ["-c:v", "libx264", "-preset", "veryfast"];
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
let original: string;
let other: string;
let jobs = 0;

beforeAll(async () => {
  scratch = await scratchFolder();
  [original, other] = await Promise.all([
    clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 8, sound: true }),
    clip({ picture: "life=ratio=0.3:seed=5:mold=10:life_color=#33cc66:death_color=#aa3322", durationS: 8 }),
  ]);
  backend = await startBackend(join(scratch.path, "state"));
  await indexed("original", original);
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

function resultOf(events: AnalysisEvent[]): AnalysisResult {
  const last = events.at(-1);
  if (last?.event !== "result") throw new Error(`no result: ${JSON.stringify(last)}`);
  return last.result;
}
async function run(file: string, task: AnalysisTask, library = "default", id = `job_${jobs++}`) {
  return backend.analyse(id, await backend.requestFor(file, { task, library }));
}
const indexed = async (id: string, file: string, library?: string) =>
  resultOf(await run(file, { kind: "reference", reference_id: id }, library));
const checked = async (file: string, library?: string) =>
  resultOf(await run(file, { kind: "check", index_as: null }, library));
const statusOf = async (id: string, library: string) =>
  (
    await backend.send(
      "GET",
      `/internal/tenants/acme/libraries/${library}/references/${id}/descriptors?offset=0&limit=1`,
    )
  ).status;
const remove = (id: string, query = "") =>
  backend.send("DELETE", `/internal/tenants/acme/libraries/default/references/${id}${query}`);

describe("an analysis", () => {
  it("tells its stages as it goes and what it found out about the video", async () => {
    const events = await run(await madeBy("mp4", ["-i", other, ...X264, "-crf", "25"]), {
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

  it("finds a remuxed copy by its packets, and decodes it no further", async () => {
    const result = await checked(await remuxed(original, "mkv", ["-metadata", "title=mine"]));
    expect(result).toMatchObject({
      found_by: "exact_packets",
      matches: [{ reference_id: "original", score: 1 }],
    });
    expect(result.timings_ms).not.toHaveProperty("embed");
    expect(result.video.frames).toBe(0);
  });

  it("leaves out what is out of searches: neither its packets nor its frames stand in another one's way", async () => {
    const reencoded = await madeBy("mp4", ["-i", original, ...X264, "-crf", "28"]);
    await indexed("second", reencoded);
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
    const { found_by, matches } = await checked(copy);
    expect(found_by).toBe("content");
    expect(matches).toHaveLength(1);
    expect(matches[0]).toMatchObject({ reference_id: "original", verdict: "duplicate" });
    expect(matches[0]?.visual.segments).toMatchObject([{ query: { start_s: 0, end_s: 8 }, speed: 1 }]);
  });

  it("says which seconds an excerpt was taken from", async () => {
    const excerpt = await madeBy("mp4", ["-ss", "2.4", "-t", "4", "-i", original, ...X264]);
    const [match] = (await checked(excerpt)).matches;
    expect(match).toMatchObject({ reference_id: "original", verdict: "duplicate" });
    expect(match?.visual.segments[0]?.reference.start_s).toBeCloseTo(2.4, 0);
    expect(match?.visual.reference_coverage).toBeCloseTo(0.5, 1);
  });

  it("finds nothing in an unrelated video, another library, or an emptied one", async () => {
    expect((await checked(other)).matches).toEqual([]);
    expect((await checked(original, "another")).matches).toEqual([]);
    await indexed("passing", other);
    expect((await checked(other)).matches).toMatchObject([{ reference_id: "passing" }]);
    expect((await remove("passing")).status).toBe(200);
    expect(await checked(other)).toMatchObject({ matches: [], found_by: null });
    expect((await remove("passing")).status).toBe(200);
  });

  it("spares a reference that a later job has made anew", async () => {
    await run(other, { kind: "reference", reference_id: "again" }, "default", "job_new");
    await remove("again", "?job_id=job_old");
    expect((await checked(other)).matches).toMatchObject([{ reference_id: "again" }]);
    await remove("again", "?job_id=job_new");
    expect((await checked(other)).matches).toEqual([]);
  });

  it("never matches black with black", async () => {
    const black = (crf: string) =>
      madeBy("mp4", ["-f", "lavfi", "-i", "color=black:size=320x240:duration=4", ...X264, "-crf", crf]);
    expect((await indexed("black", await black("20"))).indexed_as).toBe("black");
    expect((await checked(await black("30"))).matches).toEqual([]);
  });

  it.each([
    ["a text file", "unreadable_video", () => fileOf(scratch.path, "notes.mp4", "not a video at all")],
    ["a truncated file", "truncated_video", () => cutFile(other, 0.5, scratch.path)],
    ["sound alone", "no_video_stream", () => madeBy("mp4", ["-f", "lavfi", "-i", "sine=duration=2"])],
  ])("ends with a problem for %s", async (_what, code, file) => {
    const events = await run(await file(), { kind: "check", index_as: null });
    // A file without its index is unreadable as much as truncated; both codes say to send the whole file.
    const codes = code === "truncated_video" ? ["truncated_video", "unreadable_video"] : [code];
    expect(events.at(-1)).toMatchObject({ event: "problem", problem: { code: expect.toBeOneOf(codes) } });
  });

  it("tells whoever listens to it, and an unknown one is not started", async () => {
    await run(other, { kind: "check", index_as: null }, "default", "job_heard");
    const heard = await (await backend.send("GET", analysisPath("job_heard"))).text();
    expect(JSON.parse(heard)).toMatchObject({ event: "result", result: { matches: [] } });
    const unknown = await backend.send("GET", analysisPath("job_unheard"));
    expect(await unknown.json()).toMatchObject({ status: 404, code: "analysis_not_found" });
  });

  it("refuses bytes that are not the ones that were hashed, and leaves no file behind", async () => {
    const request = await backend.requestFor(other, { sha256: "0".repeat(64) });
    const events = await backend.analyse("job_wrong_bytes", request);
    expect(events.at(-1)).toMatchObject({ event: "problem", problem: { code: "source_failed" } });
    expect(await readdir(join(scratch.path, "state", "videos"))).toEqual([]);
  });
});

describe("the thresholds that a request brings", () => {
  const judgedBy = async (file: string, changed: Partial<VisualPolicy>) => {
    const visual = { ...DEFAULT_POLICY.visual, ...changed };
    const task: AnalysisTask = { kind: "check", index_as: null, explain: true };
    const request = await backend.requestFor(file, { task, policy: { visual } });
    const result = resultOf(await backend.analyse(`job_${jobs++}`, request));
    expect(result.explanation?.policy).toEqual(visual);
    return { verdict: result.matches[0]?.verdict, rule: result.explanation?.candidates[0]?.rule };
  };

  it.each<[Partial<VisualPolicy>, string | undefined, string]>([
    [{}, "duplicate", "segments_cover_query"],
    [{ duplicate_reference_coverage: 0.8 }, "partial_copy", "segments_long_enough"],
    [{ duplicate_reference_coverage: 0.8, partial_copy_min_s: 7 }, "review", "segments_too_short"],
    [{ copy_score: 1 }, "review", "score_below_copy"],
    [{ review_score: 1, copy_score: 1 }, undefined, "score_below_review"],
  ])("with %j an excerpt is %s", async (changed, verdict, rule) => {
    const excerpt = await madeBy("mp4", ["-ss", "2", "-t", "4", "-i", original, ...X264]);
    expect(await judgedBy(excerpt, changed)).toEqual({ verdict, rule });
  });

  it("do not weigh the very coded pictures", async () => {
    const strict = { review_score: 1, copy_score: 1, duplicate_reference_coverage: 1 };
    expect(await judgedBy(await remuxed(original, "mkv"), strict)).toEqual({
      verdict: "duplicate",
      rule: "same_packets",
    });
  });

  it("must be whole and in order", async () => {
    const request = await backend.requestFor(original);
    const { copy_score: _, ...rest } = DEFAULT_POLICY.visual;
    for (const visual of [rest, { ...DEFAULT_POLICY.visual, review_score: 0.9 }]) {
      const response = await backend.send("PUT", "/internal/analyses/chk_bad", {
        ...request,
        policy: { visual },
      });
      expect(response.status).toBe(400);
    }
  });
});

describe("a video that cannot be seen whole", () => {
  const damaged = async (file: string, from: number, to: number) => {
    const bytes = await readFile(file);
    const at = bytes.indexOf("mdat");
    const [start, length] = [at + 4, bytes.readUInt32BE(at - 4) - 8];
    bytes.fill(0, start + Math.floor(from * length), start + Math.floor(to * length));
    return fileOf(scratch.path, `damaged-${from}-${to}.mp4`, bytes);
  };

  it("is not unique, does not join, and is no reference", async () => {
    const file = await damaged(other, 0.1, 1);
    const { video, matches, indexed_as } = resultOf(
      await run(file, { kind: "check", index_as: "half" }, "halves"),
    );
    expect({ matches, indexed_as }).toEqual({ matches: [], indexed_as: null });
    expect(video).toMatchObject({ duration_s: 8, gaps: [{ end_s: 8 }] });
    expect(isFullySeen(video)).toBe(false);
    const adding = await run(file, { kind: "reference", reference_id: "half" }, "halves");
    expect(adding.at(-1)).toMatchObject({ event: "problem", problem: { code: "not_fully_seen" } });
    expect(await statusOf("half", "halves")).toBe(404);
  });

  it("is still a copy where a copy was seen", async () => {
    const copy = await madeBy("mp4", ["-i", original, "-an", ...X264, "-crf", "25", "-g", "25"]);
    const { matches, video } = await checked(await damaged(copy, 0.7, 1));
    expect(matches[0]).toMatchObject({ reference_id: "original", verdict: "duplicate" });
    expect(isFullySeen(video)).toBe(false);
  });
});

describe("a video of several streams", () => {
  const joined = async (...files: string[]) =>
    madeBy("mkv", [
      ...files.flatMap((file) => ["-i", file]),
      ...files.flatMap((_, i) => ["-map", `${i}:v`]),
      ...["-c:v", "copy", "-disposition:v:0", "0", "-disposition:v:1", "default"],
    ]);

  it("is a copy when one of them is, whichever is the default one", async () => {
    const copy = await madeBy("mp4", ["-i", original, "-an", ...X264, "-crf", "25"]);
    for (const file of [await joined(copy, other), await joined(other, copy)]) {
      const { matches, video } = await checked(file);
      expect(matches).toMatchObject([{ reference_id: "original", verdict: "duplicate" }]);
      expect(video).toMatchObject({ streams: 2, duration_s: 8, seen_s: 8 });
    }
  });

  it("does not join a library, since one track would stand for all", async () => {
    const [one, two] = [
      await clip({ picture: "testsrc2", durationS: 4 }),
      await clip({ picture: "life", durationS: 4 }),
    ];
    const file = await joined(one, two);
    const check = resultOf(await run(file, { kind: "check", index_as: "pair" }, "pairs"));
    expect(check).toMatchObject({ matches: [], indexed_as: null, video: { streams: 2, seen_s: 4 } });
    const adding = await run(file, { kind: "reference", reference_id: "pair" }, "pairs");
    expect(adding.at(-1)).toMatchObject({ event: "problem", problem: { code: "too_many_video_streams" } });
  });
});

describe("a check that indexes what is unique", () => {
  it("lets one of two copies join that come at once, and the other find it", async () => {
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
        resultOf(await run(file, { kind: "check", index_as: `twin_${i}` }, "race")),
      ),
    );
    const joined = results.filter(({ indexed_as }) => indexed_as !== null);
    const found = results.filter(({ matches }) => matches.length > 0);
    expect([joined.length, found.length]).toEqual([1, 1]);
    expect(found[0]?.matches[0]?.reference_id).toBe(joined[0]?.indexed_as);
  });

  it("is not a copy of itself when it is asked again after the backend has forgotten it", async () => {
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
