// What a verdict depends on: the request's thresholds, how much of the video was seen, its streams; and the evidence that
// is kept of it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AnalysisTask,
  DEFAULT_POLICY,
  isFullySeen,
  type Judgements,
  judgementsSchema,
  type VisualPolicy,
} from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnalysisClient, resultOf } from "./analysis-client.ts";
import { clip, fileOf, madeBy, remuxed, scratchFolder } from "./clips.ts";
import { type RunningBackend, startBackend } from "./running-backend.ts";

const X264 = ["-c:v", "libx264", "-preset", "veryfast"];
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
let client: AnalysisClient;
let original: string;
let other: string;
/** A copy that is never indexed. */
let query: string;

beforeAll(async () => {
  scratch = await scratchFolder();
  [original, other] = await Promise.all([
    clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 8, sound: true }),
    clip({ picture: "life=ratio=0.3:seed=5:mold=10:life_color=#33cc66:death_color=#aa3322", durationS: 8 }),
  ]);
  query = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:160", ...X264, "-crf", "30"]);
  backend = await startBackend(join(scratch.path, "state"));
  client = new AnalysisClient(backend);
  await client.index("original", original);
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

describe("the thresholds that a request brings", () => {
  const judgedBy = async (file: string, changed: Partial<VisualPolicy>) => {
    const visual = { ...DEFAULT_POLICY.visual, ...changed };
    const task: AnalysisTask = { kind: "check", index_as: null, explain: true };
    const request = await backend.requestFor(file, { task, policy: { visual } });
    const result = resultOf(await backend.analyse(client.nextId(), request));
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

  it("do not change the verdict on the same coded pictures", async () => {
    const strict = { review_score: 1, copy_score: 1, duplicate_reference_coverage: 1 };
    expect(await judgedBy(await remuxed(original, "mkv"), strict)).toEqual({
      verdict: "duplicate",
      rule: "same_packets",
    });
  });

  it("are refused with 400 when they are incomplete or out of order", async () => {
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

  it("is not unique, is not added, and is refused as a reference", async () => {
    const file = await damaged(other, 0.1, 1);
    const { video, matches, indexed_as } = resultOf(
      await client.run(file, { kind: "check", index_as: "half" }, "halves"),
    );
    expect({ matches, indexed_as }).toEqual({ matches: [], indexed_as: null });
    expect(video).toMatchObject({ duration_s: 8, gaps: [{ end_s: 8 }] });
    expect(isFullySeen(video)).toBe(false);
    const adding = await client.run(file, { kind: "reference", reference_id: "half" }, "halves");
    expect(adding.at(-1)).toMatchObject({ event: "problem", problem: { code: "not_fully_seen" } });
    expect(await client.statusOf("half", "halves")).toBe(404);
  });

  it("is a copy when a copy was seen", async () => {
    const copy = await madeBy("mp4", ["-i", original, "-an", ...X264, "-crf", "25", "-g", "25"]);
    const { matches, video } = await client.check(await damaged(copy, 0.7, 1));
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
      const { matches, video } = await client.check(file);
      expect(matches).toMatchObject([{ reference_id: "original", verdict: "duplicate" }]);
      expect(video).toMatchObject({ streams: 2, duration_s: 8, seen_s: 8 });
    }
  });

  it("is not added to a library, where one track would stand for all streams", async () => {
    const one = await clip({ picture: "testsrc2", durationS: 4 });
    const two = await clip({ picture: "life", durationS: 4 });
    const file = await joined(one, two);
    const check = resultOf(await client.run(file, { kind: "check", index_as: "pair" }, "pairs"));
    expect(check).toMatchObject({ matches: [], indexed_as: null, video: { streams: 2, seen_s: 4 } });
    const adding = await client.run(file, { kind: "reference", reference_id: "pair" }, "pairs");
    expect(adding.at(-1)).toMatchObject({ event: "problem", problem: { code: "too_many_video_streams" } });
  });
});

describe("evidence", () => {
  it("of a check gives the verdict of other thresholds", async () => {
    const { evidence, matches } = await client.check(query);
    const judged = async (changed: object) => {
      const policy = { visual: { ...DEFAULT_POLICY.visual, ...changed } };
      const body = { policy, items: [evidence] };
      const answer = await (await backend.send("POST", "/internal/judgements", body)).json();
      return (judgementsSchema.parse(answer) as Judgements).judgements[0];
    };
    const [best] = matches;
    const { verdict, reference_id, score } = best as NonNullable<typeof best>;
    expect(await judged({})).toEqual({ verdict, reference_id, score });
    const strict = { copy_score: 1, review_score: 1 };
    expect(await judged(strict)).toEqual({ verdict: "unique", reference_id: null, score: 0 });
    expect(await judged({ copy_score: 1 })).toMatchObject({ verdict: "review" });
    const policy = {
      visual: { ...DEFAULT_POLICY.visual, duplicate_reference_coverage: 1, partial_copy_min_s: 99 },
    };
    const [found] = (await client.check(query, { policy })).matches;
    expect(await judged(policy.visual)).toMatchObject({ verdict: found?.verdict });
    expect(JSON.stringify(evidence).length).toBeLessThan(20_000);
  });

  it("is kept of a unique video, and not of one found by its packets", async () => {
    const unique = await client.check(await clip({ picture: "testsrc2", durationS: 4 }));
    expect(unique).toMatchObject({ matches: [], evidence: { query_duration_s: 4 } });
    expect(await client.check(original)).toMatchObject({ found_by: "exact_packets" });
    expect(await client.check(original)).not.toHaveProperty("evidence");
  });
});
