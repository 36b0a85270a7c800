import { describe, expect, it } from "vitest";
import { EDITS } from "./edits/all.ts";
import { editOf, truthRows } from "./labels.ts";
import { type PlannedQuery, planSet } from "./plan.ts";
import { clipOf, manyClips } from "./test-clips.ts";

const options = { seed: 3, perSource: 8, negatives: 0.4, font: null };
const plan = planSet(manyClips, options);
const { references, queries } = plan;
const copies = queries.filter(({ kind }) => kind === "copy");
const negatives = queries.filter(({ kind }) => kind === "negative");
const referencesOf = ({ segments }: PlannedQuery, modality: string) =>
  segments.filter((segment) => segment.modality === modality && segment.clip.referenceId !== null);

describe("the plan of a set", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(planSet(manyClips, options)).toEqual(plan);
    expect(planSet(manyClips, { ...options, seed: 4 })).not.toEqual(plan);
  });

  it("takes half of each scene with several clips and three in four of the others", () => {
    const inLibrary = (start: string) => references.filter(({ group }) => group.startsWith(start)).length;
    expect(inLibrary("pair-")).toBe(4);
    expect(inLibrary("five-")).toBe(6);
    expect(inLibrary("alone-")).toBe(17);
  });

  it("plans as many copies of each reference as asked, half of them with one edit", () => {
    expect(copies).toHaveLength(references.length * 8);
    const alone = copies.filter((query) => editOf(query) !== "chain").length;
    expect(alone / copies.length).toBeGreaterThan(0.45);
    expect(alone / copies.length).toBeLessThan(0.55);
    expect(Math.max(...copies.map(({ edits }) => edits.length))).toBe(3);
  });

  it("has every edit alone, about as often as the others", () => {
    const names = [...Object.keys(EDITS), "identical", "remuxed"];
    const counts = names.map((name) => copies.filter((query) => editOf(query) === name).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3);
  });

  it("keeps every copy's source in its labels", () => {
    for (const query of copies) {
      const own = referencesOf(query, "picture").filter(({ clip }) => clip.name === query.source.name);
      expect(own.length, query.id).toBeGreaterThan(0);
    }
  });

  it("labels segments within both videos", () => {
    for (const { durationS, segments } of queries)
      for (const segment of segments.filter(({ clip }) => clip.referenceId !== null)) {
        expect(segment.queryStartS).toBeGreaterThanOrEqual(0);
        expect(segment.queryEndS).toBeLessThanOrEqual(durationS + 1e-6);
        expect(segment.queryEndS - segment.queryStartS).toBeGreaterThan(1);
        expect(segment.clipStartS).toBeGreaterThanOrEqual(0);
        expect(segment.clipEndS).toBeLessThanOrEqual(segment.clip.durationS + 0.1);
      }
  });

  it("shows no two clips of one scene in a query", () => {
    for (const { segments } of queries) {
      const clips = new Set(segments.map(({ clip }) => clip.name));
      expect(new Set(segments.map(({ clip }) => clip.group)).size).toBe(clips.size);
    }
  });

  it("has at least the share of negatives that was asked for, of both relations", () => {
    expect(negatives.length / queries.length).toBeGreaterThanOrEqual(0.4);
    for (const relation of ["same_scene", "unrelated"]) {
      const related = negatives.filter((query) => query.relation === relation);
      expect(related.length / negatives.length).toBeGreaterThan(0.35);
      expect(related.map(editOf)).toEqual(expect.arrayContaining(["identical", "chain"]));
    }
  });

  it("shows no reference in a negative, and a library's scene only in a same-scene negative", () => {
    const scenes = new Set(references.map(({ group }) => group));
    for (const query of negatives) {
      expect(referencesOf(query, "picture")).toEqual([]);
      const shown = query.segments.filter(({ modality }) => modality === "picture");
      expect(query.relation === "same_scene").toBe(shown.some(({ clip }) => scenes.has(clip.group)));
    }
  });

  it("labels copied sound separately from pictures", () => {
    const taken = negatives.filter((query) => editOf(query) === "sound_taken");
    expect(taken.length).toBeGreaterThan(3);
    for (const query of taken) expect(referencesOf(query, "sound")).toHaveLength(1);
    const rows = truthRows(taken).trim().split("\n").slice(1);
    expect(rows.every((row) => row.endsWith("sound_taken,sound,1.000,0"))).toBe(true);
  });

  it("plans what a single silent video of two seconds allows", () => {
    const one = planSet([clipOf({ name: "a.mp4", durationS: 2, hasSound: false })], options);
    expect(one.queries.map(({ kind }) => kind)).toEqual(Array(8).fill("copy"));
  });
});
