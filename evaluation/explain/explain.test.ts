// npm run evaluate -- --explain on made clips, as the whole command.

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateOptions } from "../evaluate-options.ts";
import { runFfmpeg } from "../run-ffmpeg.ts";

const folder = mkdtempSync(join(tmpdir(), "twinframe-evaluate-explain-"));
const set = join(folder, "set");
const clip = (source: string, output: string) =>
  runFfmpeg(
    `-nostdin -v error -y -f lavfi -i ${source} -t 4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p`
      .split(" ")
      .concat(output),
  );

async function explain(...args: string[]): Promise<{ code: number | null; said: string }> {
  const program = [join(import.meta.dirname, "../evaluate.ts"), "--set", "set", "--explain", ...args];
  const child = spawn(process.execPath, program, {
    env: { ...process.env, INIT_CWD: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, said };
}
/** Width and height, from the file's first chunk. */
function sizeOf(name: string): number[] {
  const png = readFileSync(join(folder, name));
  expect(png.toString("latin1", 12, 16)).toBe("IHDR");
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

beforeAll(async () => {
  for (const part of ["references", "queries"]) mkdirSync(join(set, part), { recursive: true });
  await Promise.all([
    clip("testsrc2=size=160x120:rate=10", join(set, "references/r1.mp4")),
    clip("mandelbrot=size=160x120:rate=10:start_scale=0.5", join(set, "references/r2.mp4")),
  ]);
  // So many that r2 is not among the best candidates, whatever the model.
  for (const id of ["same1", "same2", "same3", "same4"])
    copyFileSync(join(set, "references/r1.mp4"), join(set, `references/${id}.mp4`));
  const copy = ["-nostdin", "-v", "error", "-i", join(set, "references/r1.mp4"), "-crf", "34"];
  await runFfmpeg([...copy, "-vf", "scale=120:-2", join(set, "queries/q1.mp4")]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe("npm run evaluate -- --explain", () => {
  it("prints the rule that decided, and writes the matrix", async () => {
    const { code, said } = await explain("q1", "r1");
    expect(said).toMatch(/the check in the whole set: duplicate of (r1|same\d), found by content/);
    expect(said).toMatch(/policy: review_score [\d.]+, copy_score [\d.]+/);
    expect(said).toMatch(/q1 – r1: duplicate \(segments_cover_query\)\n {2}Segments that score as a copy/);
    expect(said).toMatch(/query 0\.0–4\.0 s is reference 0\.0–4\.0 s: score [\d.]+, look whole, similarity/);
    expect(said).toContain(join(folder, "explain-q1-r1.png"));
    expect(sizeOf("explain-q1-r1.png")).toEqual([256, 256].map((side) => Math.min(side, 8 * 24)));
    expect(code).toBe(0);
  });

  it("compares with a reference that is no candidate, too", async () => {
    const { code, said } = await explain("q1", "r2", "--out", "other.png");
    expect(said).toMatch(/r2 is not among the check's best candidates: it was compared directly/);
    expect(said).toMatch(/q1 – r2: would be unique \((no_segment|score_below_review)\)/);
    expect(sizeOf("other.png")).toEqual([192, 192]);
    expect(existsSync(join(folder, "explain-q1-r2.png"))).toBe(false);
    expect(code).toBe(0);
  });

  it("rejects an unknown id before any work", async () => {
    const { code, said } = await explain("q1", "r9");
    expect(said).toMatch(/there is no video r9 in .*references; its file's name without extension is its id/);
    expect(code).toBe(1);
  });
});

describe("the command line", () => {
  it("takes the pair", () => {
    const { pair } = evaluateOptions(["--set", "/a", "--explain", "q", "r", "--at-once", "1"]);
    expect(pair).toEqual({ query: "q", reference: "r" });
    expect(evaluateOptions(["--set", "/a"]).pair).toBeNull();
  });
  it.each([
    ["--set DIR --explain q", /--explain: give the ids of a query and of a reference/],
    ["--set DIR --explain q r more", /--explain: give the ids/],
    ["--set DIR stray", /stray: no option takes this/],
    ["--labelled l.csv --videos DIR --explain q r", /not with --labelled/],
    ["--set DIR --explain q r --report x.html", /not with --report/],
  ])("says what to do about %j", (args, message) => {
    expect(() => evaluateOptions(args.split(" "))).toThrow(message);
  });
});
