import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { scratchFolder } from "@twinframe/gpu-backend/testing/clips";
import { describe, expect, it } from "vitest";
import { parseCsv } from "../csv.ts";
import { readVideoSet } from "../video-set.ts";
import { greyClip, halfClip, rampClip } from "./test-clips.ts";

const run = promisify(execFile);
const command = resolve(import.meta.dirname, "../make-copies.ts");

describe("make-copies", () => {
  it("makes a set, makes only what is missing when it runs again, and keeps other plans out", async () => {
    await using scratch = await scratchFolder();
    const [sources, out] = [join(scratch.path, "sources"), join(scratch.path, "set")];
    await mkdir(sources);
    await symlink((await rampClip()).file, join(sources, "it's a ramp, 1.mp4"));
    await symlink((await halfClip()).file, join(sources, "half.mp4"));
    await symlink((await greyClip(220, 5)).file, join(sources, "grey.mp4"));
    await symlink((await greyClip(220, 5)).file, join(sources, "grey again.mp4"));
    await writeFile(join(sources, "broken.mp4"), "no video");
    await writeFile(join(sources, "sources.csv"), "file,group\nhalf.mp4,room\ngrey.mp4,room\n");
    const make = async (seed: number) => {
      const options = ["--sources", sources, "--out", out, "--seed", String(seed), "--per-source", "3"];
      return (await run(process.execPath, [command, ...options])).stdout;
    };

    const said = await make(5);
    expect(said).toContain("not used: broken.mp4: ffprobe cannot read it");
    expect(said).toMatch(/not used: grey( again)?\.mp4: the same file as grey/);
    expect(said).not.toContain("not made");
    expect((await readdir(out)).sort()).toEqual(
      ["ground_truth.csv", "plan.json", "queries", "queries.csv", "references", "references.csv"].sort(),
    );
    const rowsOf = async (list: string) => parseCsv(await readFile(join(out, list), "utf8"), []);
    const listed = async (list: string, column: string) =>
      (await rowsOf(list)).map((row) => row[column] ?? "");
    const set = readVideoSet(out);
    expect(set.queries.map(({ id }) => id)).toEqual((await listed("queries.csv", "query_id")).sort());
    expect(set.references.map(({ id }) => id)).toEqual(await listed("references.csv", "ref_id"));
    expect(await listed("references.csv", "source")).not.toContain("broken.mp4");
    const copies = (await rowsOf("queries.csv")).filter(({ kind }) => kind === "copy");
    const truth = (await rowsOf("ground_truth.csv")).filter(({ modality }) => modality === "picture");
    expect(copies).not.toEqual([]);
    expect(copies.map(({ query_id }) => query_id)).toEqual([
      ...new Set(truth.map(({ query_id }) => query_id)),
    ]);

    const [gone, ...others] = set.queries.map(({ file }) => file);
    const times = () => Promise.all(others.map(async (file) => (await stat(file)).mtimeMs));
    const before = await times();
    await rm(gone ?? "");
    await make(5);
    expect(readVideoSet(out).queries).toHaveLength(set.queries.length);
    expect(await times()).toEqual(before);

    await expect(make(6)).rejects.toThrow(/another plan.*choose another folder for --out/s);
  });
});
