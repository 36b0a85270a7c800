import { describe, expect, it } from "vitest";
import { type AlignedSegment, type QueryView, WHOLE_VIEW } from "../align/align.ts";
import type { FrameTrack } from "../index/frame-track.ts";
import { WHOLE_BOX } from "../media/index.ts";
import { inset, painted, panning } from "../testing-footage.ts";
import { trackOf } from "../testing-tracks.ts";
import { StageClock } from "../work/stage-clock.ts";
import { candidatesIn } from "./candidates.ts";
import { type AlignedCandidate, mergedByReference } from "./comparison.ts";
import type { Pictures } from "./describe-view.ts";
import { viewComparer } from "./look-up.ts";
import { viewRounds } from "./query-views.ts";
import { refineWithViews } from "./refine-with-views.ts";
import type { Stages } from "./stages.ts";

function segment(startS: number, endS: number, score: number, { name, kind, mirrored } = WHOLE_VIEW) {
  const span = { start_s: startS, end_s: endS };
  const evidence = { similarity: 0.5, motion: 0.5, frames: 9 };
  return { query: span, reference: span, score, speed: 1, view: name, kind, mirrored, evidence };
}
const candidate = (referenceId: string, ...segments: AlignedSegment[]): AlignedCandidate => ({
  referenceId,
  segments,
  durationS: 30,
});

describe("segments that several views found", () => {
  const inPart: QueryView = { name: "top_half", kind: "part", mirrored: false };
  const chosen = (...segments: AlignedSegment[]) =>
    mergedByReference(segments.map((one) => candidate("a", one))).flatMap((found) =>
      found.segments.map(({ query, view }) => [query.start_s, query.end_s, view]),
    );

  it("count once for the same seconds: the surest", () => {
    expect(chosen(segment(0, 10, 0.5), segment(0, 10, 0.9, inPart))).toEqual([[0, 10, "top_half"]]);
    expect(chosen(segment(0, 10, 0.9), segment(0, 10, 0.5, inPart))).toEqual([[0, 10, "whole"]]);
  });

  it("prefer long to short where both are about as sure", () => {
    expect(chosen(segment(4, 6, 0.9), segment(0, 10, 0.6, inPart))).toEqual([[0, 10, "top_half"]]);
  });

  it("are kept for other seconds, in their order", () => {
    expect(chosen(segment(12, 20, 0.9), segment(0, 10, 0.3, inPart))).toEqual([
      [0, 10, "top_half"],
      [12, 20, "whole"],
    ]);
  });

  it("may share a fifth of their seconds with another, but no more", () => {
    expect(chosen(segment(0, 10, 0.9), segment(8, 18, 0.5, inPart))).toHaveLength(2);
    expect(chosen(segment(0, 10, 0.9), segment(7.5, 17.5, 0.5, inPart))).toEqual([[0, 10, "whole"]]);
  });

  it("are merged by reference", () => {
    const found = mergedByReference([
      candidate("a", segment(0, 10, 0.9)),
      candidate("b", segment(0, 10, 0.2)),
      candidate("a", segment(20, 30, 0.1)),
    ]);
    expect(found).toEqual([
      candidate("a", segment(0, 10, 0.9), segment(20, 30, 0.1)),
      candidate("b", segment(0, 10, 0.2)),
    ]);
  });
});

const TURNED = ["mirrored", "turned_90", "turned_270", "turned_90_mirrored", "turned_270_mirrored"];
const SHORT = 12;
const LONG = 48;
const FRAME_BYTES = 8 * 8 * 3;
const IDS = ["a", "b", "c", "d", "e", "f"];

/** Black but for each frame's first byte, which is its number. */
function blank(frames: number): Pictures {
  const startS = Float32Array.from({ length: frames }, (_, i) => i / 2);
  const endS = startS.map((s) => s + 0.5);
  const times = { startS, endS, rate: 2, durationS: frames / 2 };
  const pixels = new Uint8Array(frames * FRAME_BYTES);
  for (let frame = 0; frame < frames; frame++) pixels[frame * FRAME_BYTES] = frame;
  return { ...times, pixels, width: 8, height: 8, box: WHOLE_BOX };
}

interface ComparedView {
  view: string;
  frames: number;
  references: string[];
  /** One number a frame: its first byte. */
  vectors: number[];
}

/** Compares pictures with a library of six references; `scores` says how sure a view is of a reference. */
async function refined(
  pictures: Pictures,
  scores: (view: string, reference: string) => number,
  { supportsViews = true, found = [] as AlignedCandidate[] } = {},
) {
  const compared: ComparedView[] = [];
  const judged: AlignedCandidate[][] = [];
  let [embedded, embeddedFrames] = [0, 0];
  // A reference is known by its length: the aligner sees no names.
  const tracks = new Map(
    IDS.map((id, i) => [id, { ...trackOf(new Float32Array(8), 1), durationS: 100 + i }]),
  );
  const idOf = ({ durationS }: FrameTrack) => IDS[durationS - 100] as string;
  const stages = {
    embedder: {
      supportsViews,
      manifest: { calibration: { frame_similarity_floor: 0.3 }, output: { dims: 1 } },
      embed: async (frames: Uint8Array, count: number) => {
        embedded++;
        embeddedFrames += count;
        return Float32Array.from({ length: count }, (_, i) => frames[i * FRAME_BYTES] as number);
      },
    },
    index: {
      searchBatch: async (_library: string, queries: Float32Array) => ({
        perQuery: IDS.length,
        referenceIds: IDS,
        reference: Int32Array.from({ length: queries.length * IDS.length }, (_, i) => i % IDS.length),
        frame: new Int32Array(queries.length * IDS.length),
        similarity: Float32Array.from(
          { length: queries.length * IDS.length },
          (_, i) => 0.9 - 0.05 * (i % IDS.length),
        ),
      }),
      descriptorsOf: async (_library: string, ids: string[]) =>
        new Map(ids.map((id) => [id, tracks.get(id) as FrameTrack])),
    },
    aligner: {
      align: async (query: FrameTrack, references: FrameTrack[], view: QueryView) => {
        const ids = references.map(idOf);
        compared.push({
          view: view.name,
          frames: query.startS.length,
          references: ids,
          vectors: [...query.vectors],
        });
        return ids.map((id) => [segment(0, 5, scores(view.name, id), view)]);
      },
    },
    search: { framesPerQuery: 8, maxCandidates: 5 },
  } as unknown as Stages;
  const isSettled = (candidates: AlignedCandidate[]) => {
    judged.push(candidates);
    return candidates.some(({ segments }) => segments.some(({ score }) => score > 0.8));
  };
  const context = { clock: new StageClock() };
  const comparer = viewComparer(candidatesIn("t/l", stages), stages, context);
  const whole = { candidates: found, views: [] };
  const { candidates: all, views } = await refineWithViews(
    { pictures, whole, isSettled },
    comparer,
    stages,
    context,
  );
  expect(views.map(({ view, frames, references }) => [view, frames, references]).sort()).toEqual(
    compared.map(({ view, frames, references }) => [view, frames, references.length]).sort(),
  );
  return { all, compared, judged, embedded, embeddedFrames, views: compared.map(({ view }) => view) };
}

describe("refineWithViews", () => {
  const sureOf =
    (wanted: string, score = 0.9) =>
    (view: string, reference: string) =>
      view === wanted && reference === "a" ? score : 0;

  it("compares no view when the whole frames settle it", async () => {
    const found = [candidate("a", segment(0, 5, 0.9))];
    const { all, embedded, compared } = await refined(blank(SHORT), () => 0.9, { found });
    expect(all).toEqual(found);
    expect([embedded, compared.length]).toEqual([0, 0]);
  });

  it("compares no view when the model supports none", async () => {
    const found = [candidate("a", segment(0, 5, 0.1))];
    const { all, embedded, compared } = await refined(blank(SHORT), () => 0.9, {
      found,
      supportsViews: false,
    });
    expect(all).toEqual(found);
    expect([embedded, compared.length]).toEqual([0, 0]);
  });

  it("ends after the round that settles it", async () => {
    const { views, embedded } = await refined(blank(SHORT), sureOf("turned_90"));
    expect(views.sort()).toEqual([...TURNED].sort());
    expect(embedded).toBe(TURNED.length);
  });

  it("continues with pictures within the picture, then with fixed parts", async () => {
    const place = { left: 0.25, top: 0.5, right: 0.65, bottom: 0.85 };
    const { count, ...frames } = painted(inset(panning(1), panning(2, [-4, 6]), place));
    const pictures = { ...blank(count), ...frames };
    const insets = ["inset_1", "inset_1_mirrored"];
    expect((await refined(pictures, sureOf("inset_1"))).views).toEqual([...TURNED, ...insets]);
    const all = viewRounds(pictures).flatMap((round) => round.views().map(({ name }) => name));
    expect((await refined(pictures, sureOf("top_half"))).views).toEqual(all);
    expect(all).toHaveLength(TURNED.length + insets.length + 22);
  });

  it("compares pictures within the picture also when a duplicate is known", async () => {
    const place = { left: 0.25, top: 0.5, right: 0.65, bottom: 0.85 };
    const { count, ...frames } = painted(inset(panning(1), panning(2, [-4, 6]), place));
    const found = [candidate("a", segment(0, 5, 0.9))];
    const { views } = await refined({ ...blank(count), ...frames }, sureOf("inset_1"), { found });
    expect(views).toEqual(["inset_1", "inset_1_mirrored"]);
  });

  it("returns what every view found, and passes the surest of it to isSettled", async () => {
    const found = [candidate("a", segment(0, 5, 0.1))];
    const { all, judged } = await refined(blank(SHORT), sureOf("mirrored", 0.7), { found });
    const ofA = all.filter(({ referenceId }) => referenceId === "a");
    expect(ofA.flatMap(({ segments }) => segments.map(({ view, score }) => [view, score]))).toEqual([
      ["whole", 0.1],
      ["mirrored", 0.7],
    ]);
    expect(judged).toHaveLength(2);
    expect(
      judged.map((candidates) => candidates.find(({ referenceId }) => referenceId === "a")),
    ).toMatchObject([0.1, 0.7].map((score) => ({ segments: [{ score }] })));
    expect(found).toHaveLength(1);
  });

  it("compares each view with its four most promising references", async () => {
    const { compared } = await refined(blank(SHORT), () => 0);
    for (const { references } of compared) expect(references).toEqual(["a", "b", "c", "d"]);
  });

  it("compares half the frames of a long query first, then all of the four most promising views", async () => {
    const first = [0.3, 0.1, 0.5, 0.4, 0.2];
    const scores = (view: string, reference: string) =>
      reference === "b" ? (first[TURNED.indexOf(view)] ?? 0) : 0.01;
    const { all, compared, embeddedFrames } = await refined(blank(LONG), scores);
    const full = compared.filter(({ frames }) => frames === LONG);
    const best = ["turned_270", "turned_90_mirrored", "mirrored", "turned_270_mirrored"];
    const vectors = Array.from({ length: LONG }, (_, frame) => frame);
    expect(full).toEqual(best.map((view) => ({ view, frames: LONG, references: ["b"], vectors })));
    // The second pass describes only the other half.
    expect(embeddedFrames).toBe((TURNED.length + 22 + best.length) * (LONG / 2));
    expect(compared.filter(({ frames }) => frames === LONG / 2)).toHaveLength(TURNED.length + 22);
    expect(all.map(({ referenceId, segments }) => [referenceId, segments[0]?.view])).toEqual(
      best.map((view) => ["b", view]),
    );
  });

  it("follows no view that promises nothing", async () => {
    for (const frames of [SHORT, LONG]) {
      const { all, compared } = await refined(blank(frames), () => 0.01);
      expect(all).toEqual([]);
      expect(compared).toHaveLength(TURNED.length + 22);
    }
  });

  it("compares nothing for a query without frames", async () => {
    const { all, embedded, compared } = await refined(blank(0), () => 0.9);
    expect([all, embedded, compared]).toEqual([[], 0, []]);
  });
});
