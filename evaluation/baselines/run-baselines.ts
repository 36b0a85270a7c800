// Other methods on the same set, each a script that writes its pairs as CSV. They are optional: where Python or a
// package is missing, a line says so and the rest goes on.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
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
  return !(await execa(python(), ["-c", `import ${modules.join(", ")}`], { reject: false })).failed;
}

async function runScript(script: string, set: string, out: string, atOnce: number): Promise<void> {
  const args = [join(import.meta.dirname, script), "--set", set, "--out", out, "--at-once", String(atOnce)];
  const { failed, stderr, shortMessage } = await execa(python(), args, {
    stdin: "ignore",
    stdout: "ignore",
    stderr: ["pipe", "inherit"],
    reject: false,
  });
  if (failed) throw new Error(stderr.trim().split("\n").at(-1) || shortMessage);
}

function readBaselineCsv(text: string): Finding[] {
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
