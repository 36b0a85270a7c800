import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSetLabels } from "./set-labels.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twinframe-labels-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const read = () => readSetLabels(folder, ["q1", "q2", "n1", "n2"], ["r1", "r2", "r3"]);

describe("labels of a set", () => {
  it("are null without a ground truth", () => {
    expect(read()).toBeNull();
  });

  it("read a ground truth of pairs alone", () => {
    write("ground_truth.csv", "ref_id,query_id\nr1,q1\nr2,q2\n");
    const labels = read();
    expect(labels?.truth.get("q1")).toEqual(new Map([["r1", []]]));
    expect(labels?.queries.get("q1")).toEqual({ edit: null, edits: null, group: null, negative: null });
    expect(labels?.queries.get("n1")).toEqual({
      edit: null,
      edits: null,
      group: null,
      negative: "unrelated",
    });
    expect(labels?.remarks).toEqual([]);
  });

  it("read several segments a pair, with empty times as unknown", () => {
    write(
      "ground_truth.csv",
      "\uFEFFquery_id,ref_id,query_start,query_end,ref_start,ref_end,edit\r\n" +
        "q1,r1,0,2,5,7,insertion\r\nq1,r1,3,4,8,9,insertion\r\nq2,r2,,,,,crop\r\n",
    );
    const labels = read();
    expect(labels?.truth.get("q1")?.get("r1")).toEqual([
      { query: { start_s: 0, end_s: 2 }, reference: { start_s: 5, end_s: 7 } },
      { query: { start_s: 3, end_s: 4 }, reference: { start_s: 8, end_s: 9 } },
    ]);
    expect(labels?.truth.get("q2")?.get("r2")).toEqual([]);
    expect(labels?.queries.get("q2")?.edit).toBe("crop");
  });

  it("ignore sound as ground truth of pictures", () => {
    write("ground_truth.csv", "query_id,ref_id,modality\nq1,r1,picture\nq1,r2,sound\nq2,r3,sound\n");
    const labels = read();
    expect([...(labels?.truth ?? [])].map(([id, references]) => [id, [...references.keys()]])).toEqual([
      ["q1", ["r1"]],
    ]);
    expect(labels?.queries.get("q2")?.negative).toBeNull();
    expect(labels?.remarks.join()).toMatch(/2 pairs share their sound alone/);
  });

  it("recognise same-scene negatives by relation, or else by group", () => {
    write("ground_truth.csv", "query_id,ref_id\nq1,r1\n");
    write("references.csv", "ref_id,group\nr1,scene\nr2,\n");
    write(
      "queries.csv",
      "query_id,kind,relation,edit,edits,group\nq1,copy,copy,chain,crop+blur,scene\nq2,negative,unrelated,crop,,scene\nn1,negative,,crop,,scene\nn2,negative,,crop,,elsewhere\n",
    );
    const labels = read();
    const negatives = ["q1", "q2", "n1", "n2"].map((id) => labels?.queries.get(id)?.negative);
    expect(negatives).toEqual([null, "unrelated", "same_scene", "unrelated"]);
    expect(labels?.queries.get("q1")).toEqual({
      edit: "chain",
      edits: "crop+blur",
      group: "scene",
      negative: null,
    });
  });

  it("leave out missing files, and report them", () => {
    write("ground_truth.csv", "query_id,ref_id\nq1,r1\nq1,r99\nq77,r1\n");
    const labels = read();
    expect([...(labels?.truth.get("q1")?.keys() ?? [])]).toEqual(["r1"]);
    expect(labels?.remarks.join("; ")).toMatch(/queries.*q77.*references.*r99/);
  });

  it.each([
    ["query_id\nq1\n", /ground_truth\.csv: the CSV has no column ref_id/],
    [
      "query_id,ref_id,query_start,query_end,ref_start,ref_end\nq1,r1,5,2,0,3\n",
      /line 2: 5, 2, 0, 3 are no times/,
    ],
    [
      "query_id,ref_id,query_start,query_end,ref_start,ref_end\nq1,r1,a,2,0,3\n",
      /line 2: a, 2, 0, 3 are no times/,
    ],
  ])("say what is wrong with %j", (text, message) => {
    write("ground_truth.csv", text);
    expect(read).toThrow(message);
  });
});
