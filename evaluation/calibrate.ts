// npm run calibrate -- --set DIR: fits the weights that turn a segment's evidence into a score, on a labelled
// set, and prints them for the model's manifest. Fit on the fit part only; evaluate on the other.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { scoreOf } from "../gpu-backend/src/align/evidence.ts";
import { inspectVideo } from "../gpu-backend/src/media/index.ts";
import { alignCandidates } from "../gpu-backend/src/pipeline/compare.ts";
import { describe } from "../gpu-backend/src/pipeline/describe.ts";
import { StageClock } from "../gpu-backend/src/pipeline/progress.ts";
import { inParallel } from "./in-parallel.ts";
import { EVALUATION_LIBRARY, openEvaluationLibrary } from "./library.ts";
import { fitLogistic } from "./logistic.ts";
import { progressLine } from "./progress-line.ts";
import { userPath } from "./user-path.ts";
import { readVideoSet } from "./video-set.ts";

const RIDGE = 0.0005;
const AT_ONCE = 2;

const { values } = parseArgs({ options: { set: { type: "string" }, examples: { type: "string" } } });
if (!values.set) throw new Error("npm run calibrate -- --set DIR [--examples FILE.json]");
const { references, queries, labels } = readVideoSet(userPath(values.set));
if (!labels) throw new Error(`${values.set} has no ground_truth.csv: a fit needs labels`);

const library = await openEvaluationLibrary();
const { stages } = library;
const indexed = progressLine("references", references.length);
await inParallel(references, AT_ONCE, async ({ id, file }) => {
  await library.add(id, file);
  indexed();
});
const compared = progressLine("queries", queries.length);
const examples = await inParallel(queries, AT_ONCE, async ({ id, file }) => {
  const clock = new StageClock();
  const { probed } = await inspectVideo(file, stages.limits);
  const described = await describe(file, probed, stages, clock);
  const candidates = await alignCandidates(EVALUATION_LIBRARY, described, stages, clock);
  compared();
  return candidates.flatMap(({ referenceId, segments }) => {
    const best = segments.reduce<(typeof segments)[number] | null>(
      (a, b) => (!a || b.score > a.score ? b : a),
      null,
    );
    if (!best) return [];
    const { evidence } = best;
    const features = [evidence.similarity, evidence.motion, Math.log(evidence.frames)];
    const positive = labels.truth.get(id)?.has(referenceId) ?? false;
    return [{ query: id, reference: referenceId, positive, features, evidence }];
  });
});
await library.close();
const all = examples.flat();
if (values.examples) writeFileSync(userPath(values.examples), JSON.stringify(all));
const [bias = 0, similarity = 0, motion = 0, evidence = 0] = fitLogistic(all, RIDGE).map((weight) =>
  Number(weight.toFixed(3)),
);
const score = { bias, similarity, motion, evidence };
console.log(`${all.filter(({ positive }) => positive).length} true pairs, ${all.length} in all`);
const scoresOf = (positive: boolean) =>
  all
    .filter((example) => example.positive === positive)
    .map((example) => scoreOf(example.evidence, score))
    .sort((a, b) => a - b);
const [falseScores, trueScores] = [scoresOf(false), scoresOf(true)];
const at = (scores: number[], share: number) => scores[Math.floor(share * (scores.length - 1))]?.toFixed(3);
console.log(
  `false pairs score at most ${at(falseScores, 1)}; true pairs ${at(trueScores, 0)} at least, ${at(trueScores, 0.02)} for all but 2 in 100`,
);
console.log(JSON.stringify({ score }));
