// The command line of npm run evaluate.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { userPath } from "./user-path.ts";

const USAGE = `npm run evaluate -- --set DIR [--out FILE.csv] [--report FILE.html] [--save-baseline FILE.json]
                           [--compare FILE.json [--tolerance 0.01]] [--at-once 2] [--no-baselines]
  DIR/references, DIR/queries   videos; a file's name without extension is its id
  DIR/ground_truth.csv          optional: query_id,ref_id,query_start,query_end,ref_start,ref_end[,edit,modality]
  DIR/queries.csv               optional: query_id,kind,relation,edit,group
  DIR/references.csv            optional: ref_id,group
  --out            what was found, one row a segment, the best 10 references a query
  --report         figures, curves and the worst cases on one page
  --save-baseline  the figures and every query's outcome, for --compare
  --compare        what changed since; exit 1 when micro-AP or F1 fell by more than the tolerance
npm run evaluate -- --set DIR --explain QUERY_ID REF_ID [--out FILE.png]
  --explain        why this pair came out as it did, and its similarity matrix as a picture
npm run evaluate -- --labelled FILE.csv --videos DIR [--out FILE.csv]
  FILE.csv         uuid[,created,is_duplicate,duplicate_for]; DIR has the videos by uuid`;

const OPTIONS = {
  set: { type: "string" },
  out: { type: "string" },
  report: { type: "string" },
  "save-baseline": { type: "string" },
  compare: { type: "string" },
  tolerance: { type: "string", default: "0.01" },
  "at-once": { type: "string", default: "2" },
  "no-baselines": { type: "boolean", default: false },
  explain: { type: "string" },
  labelled: { type: "string" },
  videos: { type: "string" },
} as const;

/** A file to be written; said now, since a run may take an hour. */
function outputOf(option: string, path: string | undefined): string | null {
  if (path === undefined) return null;
  const file = userPath(path);
  if (!existsSync(dirname(file))) throw new Error(`--${option} ${path}: there is no folder ${dirname(file)}`);
  return file;
}

const pathOf = (path: string | undefined) => (path === undefined ? null : userPath(path));

/** The two ids after --explain: the second is the only argument without an option. */
function explainedPair(query: string | undefined, others: string[]) {
  const [reference, ...more] = others;
  if (query === undefined && reference === undefined) return null;
  if (query !== undefined && reference !== undefined && more.length === 0) return { query, reference };
  if (query === undefined) throw new Error(`${reference}: no option takes this\n${USAGE}`);
  throw new Error("--explain: give the ids of a query and of a reference, such as --explain q12 r7");
}

/** Throws, saying what to give instead, on what makes no sense together. */
export function evaluateOptions(args: string[]) {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const isList = values.labelled !== undefined || values.videos !== undefined;
  if (isList ? !values.labelled || !values.videos || values.set : !values.set) throw new Error(USAGE);
  const forSets = (["report", "save-baseline", "compare"] as const).filter((name) => values[name]);
  if (isList && forSets.length > 0) throw new Error(`--${forSets[0]} goes with --set, not with --labelled`);
  const pair = explainedPair(values.explain, positionals);
  if (pair !== null && (isList || forSets.length > 0))
    throw new Error(`--explain goes with --set and --out, not with --${forSets[0] ?? "labelled"}`);
  const [atOnce, tolerance] = [Number(values["at-once"]), Number(values.tolerance)];
  if (!Number.isInteger(atOnce) || atOnce < 1)
    throw new Error(`--at-once ${values["at-once"]}: give 1 or more`);
  if (!(tolerance >= 0 && tolerance < 1))
    throw new Error(`--tolerance ${values.tolerance}: give a share such as 0.01`);
  return {
    /** Empty with `labelled`. */
    set: pathOf(values.set) ?? "",
    out: outputOf("out", values.out),
    pair,
    report: outputOf("report", values.report),
    save: outputOf("save-baseline", values["save-baseline"]),
    compare: pathOf(values.compare),
    labelled: pathOf(values.labelled),
    videos: pathOf(values.videos) ?? "",
    withBaselines: !values["no-baselines"],
    tolerance,
    atOnce,
  };
}

export type EvaluateOptions = ReturnType<typeof evaluateOptions>;
