// Searches, comparisons and descriptions through the real backend over HTTP, with real videos.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  BackendReadiness,
  DescriptorSlice,
  Question,
  QuestionSubject,
} from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clip, fileOf, madeBy, remuxed, scratchFolder } from "./clips.ts";
import { answerOf, defaultModel, type RunningBackend, startBackend } from "./running-backend.ts";

const X264 = ["-c:v", "libx264", "-preset", "veryfast"];
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
let original: string;
let excerpt: string;
let mirrored: string;
let other: string;
let questions = 0;

beforeAll(async () => {
  scratch = await scratchFolder();
  [original, other] = await Promise.all([
    clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 8, sound: true }),
    clip({ picture: "life=ratio=0.3:seed=5:mold=10:life_color=#33cc66:death_color=#aa3322", durationS: 8 }),
  ]);
  [excerpt, mirrored] = await Promise.all([
    madeBy("mp4", ["-ss", "2.4", "-t", "4", "-i", original, ...X264]),
    madeBy("mp4", ["-i", original, "-vf", "hflip", ...X264]),
  ]);
  backend = await startBackend(join(scratch.path, "state"));
  for (const [id, file] of Object.entries({ original, excerpt, other })) {
    const task = { kind: "reference" as const, reference_id: id };
    await backend.analyse(`job_${id}`, await backend.requestFor(file, { task }));
  }
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

async function video(file: string): Promise<Extract<QuestionSubject, { kind: "video" }>> {
  const { sha256, source } = await backend.requestFor(file);
  return { kind: "video", sha256, source };
}
const stored = (id: string): QuestionSubject => ({ kind: "reference", library: "default", reference_id: id });
const ask = (question: Question) => backend.question(`q_${questions++}`, question);
const search = async (query: QuestionSubject, size = 10, library = "default") =>
  answerOf(await ask({ kind: "search", library, query, size }), "search").found;
const compare = async (a: QuestionSubject, b: QuestionSubject) =>
  answerOf(await ask({ kind: "comparison", a, b }), "comparison");

describe("a search", () => {
  it("returns the references that share segments, best first, without a verdict", async () => {
    const copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "34"]);
    const found = await search(await video(copy));
    const ids = found.map(({ reference_id }) => reference_id);
    expect(ids.slice(0, 2).sort()).toEqual(["excerpt", "original"]);
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const whole = found.find(({ reference_id }) => reference_id === "original");
    expect(whole?.score).toBeGreaterThan(0.8);
    expect(whole?.visual).toMatchObject({ segments: [{ query: { start_s: 0, end_s: 8 }, speed: 1 }] });
    expect(whole).not.toHaveProperty("verdict");
    expect(await search(await video(copy), 1)).toHaveLength(1);
  });

  it("takes a reference as the query, and does not find that one", async () => {
    const found = await search(stored("excerpt"));
    expect(found[0]).toMatchObject({ reference_id: "original" });
    expect(found[0]?.visual.segments[0]?.reference.start_s).toBeCloseTo(2.4, 0);
    expect(found.map(({ reference_id }) => reference_id)).not.toContain("excerpt");
  });

  it("scores the same coded pictures 1, and indexes nothing", async () => {
    const same = await video(await remuxed(original, "mkv", ["-metadata", "title=mine"]));
    expect((await search(same))[0]).toMatchObject({ reference_id: "original", score: 1 });
    expect(await search(same, 10, "empty")).toEqual([]);
    const readiness = (await (await fetch(`${backend.url}/readyz`)).json()) as BackendReadiness;
    expect(readiness.index.references).toBe(3);
    expect(await readdir(join(scratch.path, "state", "videos"))).toEqual([]);
  });

  it("of a reference that the index does not have ends with index_unavailable", async () => {
    const question: Question = { kind: "search", library: "default", query: stored("absent"), size: 1 };
    expect((await ask(question)).at(-1)).toMatchObject({ problem: { code: "index_unavailable" } });
  });
});

describe("a comparison", () => {
  it("of two videos that are in no library returns and draws the shared segment", async () => {
    const compared = await compare(await video(excerpt), await video(original));
    expect(compared).toMatchObject({ verdict: "duplicate", a_duration_s: 4, b_duration_s: 8 });
    expect(compared.score).toBeGreaterThan(0.8);
    const [segment] = compared.segments;
    expect(segment?.query).toEqual({ start_s: 0, end_s: 4 });
    expect(segment?.reference.start_s).toBeCloseTo(2.4, 0);
    const { matrix } = compared;
    expect(matrix).toMatchObject({ query_s: 4, reference_s: 8, view: "whole" });
    expect(matrix?.width).toBe(2 * (matrix?.height ?? 0));
    expect(
      Buffer.from(matrix?.png_base64 ?? "", "base64")
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
  });

  it("gives review instead of unique to a video that was not fully seen", async () => {
    expect((await compare(await video(other), await video(original))).verdict).toBe("unique");
    const bytes = await readFile(other);
    const [from, to] = [bytes.indexOf("mdat"), bytes.indexOf("moov")];
    bytes.fill(0, Math.floor(from + 0.2 * (to - from)), to - 4);
    const half = await fileOf(scratch.path, "half.mp4", bytes);
    expect((await compare(await video(half), await video(original))).verdict).toBe("review");
  });

  it("compares either of the two in further views", async () => {
    for (const [a, b] of [
      [await video(mirrored), stored("original")],
      [stored("original"), await video(mirrored)],
    ] as const) {
      const compared = await compare(a, b);
      expect(compared.score).toBeGreaterThan(0.8);
      expect(compared.segments[0]?.mirrored).toBe(true);
      expect(compared.matrix?.view).toBe("mirrored");
    }
  });

  it("returns the same segment with the videos exchanged", async () => {
    const { segments } = await compare(stored("original"), stored("excerpt"));
    expect(segments[0]?.query.start_s).toBeCloseTo(2.4, 0);
    expect(segments[0]?.reference.start_s).toBe(0);
    expect(segments[0]?.reference.end_s).toBeCloseTo(4, 0);
  });

  it("of a video with itself is exact, and with another unique", async () => {
    const same = await compare(await video(await remuxed(original, "mkv")), stored("original"));
    expect(same).toMatchObject({ score: 1, verdict: "duplicate", matrix: { view: "whole" } });
    const different = await compare(stored("original"), await video(other));
    expect(different.verdict).toBe("unique");
    expect(different.score).toBeLessThan(0.3);
    expect(different.matrix).not.toBeNull();
  });

  it("with a video that shows nothing has no matrix", async () => {
    const color = "color=black:size=320x240:duration=4";
    const black = await video(await madeBy("mp4", ["-f", "lavfi", "-i", color, ...X264]));
    for (const [a, b] of [
      [black, stored("original")],
      [stored("original"), black],
    ] as const)
      expect(await compare(a, b)).toMatchObject({ score: 0, verdict: "unique", segments: [], matrix: null });
    expect(await search(black)).toEqual([]);
  });

  it("with a file that is no video ends with its problem", async () => {
    const notes = await fileOf(scratch.path, "notes.mp4", "not a video at all");
    const events = await ask({ kind: "comparison", a: stored("original"), b: await video(notes) });
    expect(events.at(-1)).toMatchObject({ event: "problem", problem: { code: "unreadable_video" } });
    expect(await readdir(join(scratch.path, "state", "videos"))).toEqual([]);
  });
});

describe("descriptors", () => {
  const slice = async (id: string, query = "") =>
    backend.send("GET", `/internal/tenants/acme/libraries/default/references/${id}/descriptors${query}`);

  it("of a reference come in pages, with the times that they stand for", async () => {
    const all = (await (await slice("original")).json()) as DescriptorSlice;
    expect(all).toMatchObject({ model: await defaultModel(), dims: 128, offset: 0 });
    expect(all.frames).toHaveLength(all.total);
    expect(all.frames[0]?.start_s).toBe(0);
    expect(all.frames.at(-1)?.end_s).toBeCloseTo(8, 0);
    for (const { vector } of all.frames) expect(Math.hypot(...vector)).toBeCloseTo(1, 1);
    const some = (await (await slice("original", "?offset=2&limit=3")).json()) as DescriptorSlice;
    expect(some.frames).toEqual(all.frames.slice(2, 5));
    expect(await (await slice("original", "?offset=900")).json()).toMatchObject({ frames: [] });
  });

  it.each(["?limit=0", "?limit=501", "?offset=-1", "?limit=x", "?other=1"])(
    "are refused with %s",
    async (query) => {
      expect((await slice("original", query)).status).toBe(400);
    },
  );

  it("of an unknown reference end with reference_not_found", async () => {
    expect(await (await slice("absent")).json()).toMatchObject({ code: "reference_not_found" });
  });

  it("of a video that is not indexed are as its index entry has them", async () => {
    const events = await ask({ kind: "description", video: await video(original) });
    const { frames } = answerOf(events, "description");
    const kept = (await (await slice("original")).json()) as DescriptorSlice;
    expect(frames.map(({ start_s }) => start_s)).toEqual(kept.frames.map(({ start_s }) => start_s));
    const dot = frames[3]?.vector.reduce((sum, x, i) => sum + x * (kept.frames[3]?.vector[i] ?? 0), 0);
    expect(dot).toBeGreaterThan(0.98);
  });
});

describe("asking twice", () => {
  it("attaches to the running task, and runs anew once the answer was delivered", async () => {
    const again: Question = { kind: "description", video: await video(other) };
    const [first, second] = await Promise.all([
      backend.question("q_same", again),
      backend.question("q_same", again),
    ]);
    expect(first.at(-1)).toEqual(second.at(-1));
    // A fresh one tells its first stages; an outcome that is remembered comes alone.
    expect((await backend.question("q_same", again)).length).toBeGreaterThan(2);
  });

  it("refuses an id that belongs to another task", async () => {
    const videos = await Promise.all([video(original), video(other)]);
    // Whichever comes first is at work for long enough to be met by the other.
    const outcomes = await Promise.allSettled(
      videos.map((given) => backend.question("q_taken", { kind: "description", video: given })),
    );
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused.map(({ reason }) => String(reason))).toEqual([expect.stringMatching(/analysis_conflict/)]);
  });
});
