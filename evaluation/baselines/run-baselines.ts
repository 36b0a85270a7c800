// Other methods on the same set, each a script that writes its pairs as CSV. They are optional: where Python or a
// package is missing, a line says so and the rest goes on.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseCsv } from "../csv.ts";
import type { Finding } from "../measure/judged-queries.ts";
import type { BaselineFindings } from "../set-evaluation.ts";

const HOW_TO = `python3 -m pip install -r evaluation/baselines/requirements.txt (TWINFRAME_PYTHON names another Python)`;

interface Baseline {
  name: string;
  script: string;
  modules: string[];
}

const BASELINES: Baseline[] = [{ name: "vPDQ", script: "vpdq.py", modules: ["pdqhash", "numpy"] }];

const python = () => process.env.TWINFRAME_PYTHON || "python3";

async function canImport(modules: string[]): Promise<boolean> {
  try {
    await promisify(execFile)(python(), ["-c", `import ${modules.join(", ")}`]);
    return true;
  } catch {
    return false;
  }
}

async function runScript(script: string, set: string, out: string, atOnce: number): Promise<void> {
  const args = [join(import.meta.dirname, script), "--set", set, "--out", out, "--at-once", String(atOnce)];
  const child = spawn(python(), args, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-4000);
    process.stderr.write(text);
  });
  const code = await new Promise<number | null>((done, failed) =>
    child.on("error", failed).on("close", done),
  );
  if (code !== 0) throw new Error(words.trim().split("\n").at(-1) ?? `${script} ended with ${code}`);
}

export function readBaselineCsv(text: string): Finding[] {
  return parseCsv(text, ["query_id", "ref_id", "score", "called"]).map((row) => ({
    queryId: row.query_id as string,
    referenceId: row.ref_id as string,
    score: Number(row.score),
    called: row.called === "1",
    review: null,
    segments: null,
  }));
}

/** Those that could be run; `say` hears of the others. */
export async function runBaselines(
  set: string,
  atOnce: number,
  say: (line: string) => void,
): Promise<BaselineFindings[]> {
  const ran: BaselineFindings[] = [];
  for (const { name, script, modules } of BASELINES) {
    if (!(await canImport(modules))) {
      say(`${name} was skipped: ${python()} cannot import ${modules.join(" and ")}; install with ${HOW_TO}`);
      continue;
    }
    const folder = await mkdtemp(join(tmpdir(), "twinframe-baseline-"));
    try {
      const out = join(folder, "pairs.csv");
      await runScript(script, set, out, atOnce);
      ran.push({ name, findings: readBaselineCsv(await readFile(out, "utf8")) });
    } catch (error) {
      say(`${name} was skipped: ${error instanceof Error ? error.message : error}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return ran;
}
