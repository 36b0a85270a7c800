// The whole command on a tiny set of made clips.

import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateOptions } from "./evaluate-options.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";

const HOSTILE = "<b>&'x";
const folder = mkdtempSync(join(tmpdir(), "twinframe-evaluate-"));
const set = join(folder, "set");
const path = (name: string) => join(folder, name);

const clip = (source: string, output: string) =>
  runFfmpeg(
    `-nostdin -v error -y -f lavfi -i ${source} -t 4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p`
      .split(" ")
      .concat(output),
  );

async function evaluate(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "evaluate.ts"), ...args], {
    env: { ...process.env, TWINFRAME_PYTHON: "/nowhere/python", INIT_CWD: folder },
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

beforeAll(async () => {
  for (const part of ["references", "queries"]) mkdirSync(join(set, part), { recursive: true });
  await Promise.all([
    clip("testsrc2=size=160x120:rate=10", join(set, "references/r1.mp4")),
    clip("mandelbrot=size=160x120:rate=10:start_scale=0.5", join(set, "references/r2.mp4")),
    clip("cellauto=size=160x120:rate=10:rule=110:random_seed=4", join(set, "queries/n1.mp4")),
  ]);
  const copy = ["-nostdin", "-v", "error", "-i", join(set, "references/r1.mp4"), "-crf", "34"];
  await runFfmpeg([...copy, "-vf", "scale=120:-2", join(set, `queries/${HOSTILE}.mp4`)]);
  writeFileSync(join(set, "queries/broken.mp4"), "no video");
  const truth = ["query_id,ref_id,query_start,query_end,ref_start,ref_end,edit"];
  writeFileSync(
    join(set, "ground_truth.csv"),
    [...truth, `${HOSTILE},r1,0,4,0,4,small`, "broken,r2,,,,,crop"].join("\n"),
  );
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe("npm run evaluate", () => {
  it("prints figures, writes matches, report and run, and goes on after an unreadable video", async () => {
    const { code, said } = await evaluate(
      ...["--set", "set", "--out", "found.csv", "--report", "report.html", "--save-baseline", "run.json"],
    );
    expect(said).toMatch(/set: 2 references, 3 queries \(2 copies, 1 unrelated, 0 of a reference's scene\)/);
    expect(said).toMatch(/verdict precision +1\.000/);
    expect(said).toMatch(/verdict recall +\.500/);
    expect(said).toMatch(/small +1 +1\.000/);
    expect(said).toMatch(/vPDQ was skipped: .*pip install -r evaluation\/baselines\/requirements\.txt/);
    expect(said).toMatch(/not read: broken: /);
    expect(said).toMatch(/a query takes \d+ ms .*decode/);
    expect(code).toBe(0);
    const [header, first] = readFileSync(path("found.csv"), "utf8").split("\n");
    expect(header).toBe("query_id,ref_id,score,query_start,query_end,ref_start,ref_end,verdict");
    expect(first).toMatch(/^<b>&'x,r1,[\d.]+,0,4,0,4,duplicate$/);
    const page = readFileSync(path("report.html"), "utf8");
    expect(page).toContain("data:image/jpeg;base64,");
    expect(page).not.toContain(HOSTILE);
  });

  it("compares with the stored run: 0 when all is as it was, 1 when F1 fell", async () => {
    expect(existsSync(path("run.json"))).toBe(true);
    const run = JSON.parse(readFileSync(path("run.json"), "utf8"));
    run.methods[0].overall.figures.f1.value += 0.05;
    run.queries.n1.wrong = ["r2"];
    writeFileSync(path("better.json"), JSON.stringify(run));
    const { code, said } = await evaluate("--set", "set", "--compare", "better.json", "--no-baselines");
    expect(said).toMatch(/false alarms no more: 1\n {2}n1 – r2/);
    expect(said).toMatch(/fell by more than 0\.01: verdict F1/);
    expect(code).toBe(1);
  });

  it("runs a labelled list in its order, the library growing by what is unique", async () => {
    const videos = path("videos");
    mkdirSync(videos);
    copyFileSync(join(set, "references/r1.mp4"), join(videos, "a.mp4"));
    copyFileSync(join(set, "references/r2.mp4"), join(videos, "b.mp4"));
    copyFileSync(join(set, `queries/${HOSTILE}.mp4`), join(videos, "c.mp4"));
    const rows = [
      "3,2024-01-03,c,True,a",
      "1,2024-01-01,a,False,",
      "2,2024-01-02,b,False,",
      "4,2024-01-04,gone,True,a",
    ];
    writeFileSync(path("list.csv"), [",created,uuid,is_duplicate,duplicate_for", ...rows].join("\n"));
    const { code, said } = await evaluate(
      ..."--labelled list.csv --videos videos --out named.csv".split(" "),
    );
    expect(said).toMatch(/1 of 4 videos are not in .*videos and were skipped/);
    expect(said).toMatch(/is_duplicate F1 +1\.000/);
    expect(said).toMatch(/duplicate_for F1 +1\.000/);
    expect(readFileSync(path("named.csv"), "utf8")).toMatch(
      /^uuid,is_duplicate,duplicate_for,score\na,False,.*\nb,False,.*\nc,True,a,/,
    );
    expect(code).toBe(0);
  });
});

describe("the command line", () => {
  it("resolves paths from the caller's folder, and has defaults for the rest", () => {
    const options = evaluateOptions(["--set", "/sets/a", "--out", "/b.csv"]);
    expect(options).toMatchObject({ set: "/sets/a", out: "/b.csv", report: null, labelled: null });
    expect(options).toMatchObject({ withBaselines: true, tolerance: 0.01, atOnce: 2 });
  });
  it.each([
    ["", /npm run evaluate -- --set DIR/],
    ["--labelled list.csv", /--labelled FILE\.csv --videos DIR/],
    ["--labelled list.csv --videos DIR --report x.html", /--report goes with --set/],
    ["--set DIR --at-once 0", /--at-once 0: give 1 or more/],
    ["--set DIR --tolerance much", /--tolerance much: give a share/],
    ["--set DIR --out /nowhere/x.csv", /--out \/nowhere\/x\.csv: there is no folder \/nowhere/],
    ["--set DIR --outt x", /outt/],
  ])("says what to do about %j", (args, message) => {
    expect(() => evaluateOptions(args.split(" ").filter(Boolean))).toThrow(message);
  });
});
