// npm run calibrate -- --set DIR: fits the weights that turn a segment's evidence into a score, on a labelled
// set, and prints them for the model's manifest. Fit on the fit part only; evaluate on the other.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bestScore, fitWeights } from "./calibration-fit.ts";
import { addReferences, describeFile, everyLook, pairsOf } from "./every-look.ts";
import { openEvaluationLibrary } from "./library.ts";
import { otherMomentsOf } from "./other-moments.ts";
import { mapWithProgress } from "./progress.ts";
import { userPath } from "./user-path.ts";
import { readLabelledSet } from "./video-set.ts";

const AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    set: { type: "string" },
    examples: { type: "string" },
    every: { type: "string", default: "1" },
  },
});
const every = Number(values.every);
if (!values.set || !(Number.isInteger(every) && every > 0))
  throw new Error("npm run calibrate -- --set DIR [--every 1] (every Nth query) [--examples FILE.json]");
const { references, queries, labels } = readLabelledSet(userPath(values.set), every);

const library = await openEvaluationLibrary();
await addReferences(references, library, AT_ONCE);
const byQuery = await mapWithProgress("queries", queries, AT_ONCE, async ({ id, file }) => {
  const described = await describeFile(file, library.stages);
  const candidates = await everyLook(described, library.stages);
  return pairsOf(id, candidates);
});
const otherMoments = await otherMomentsOf(references, library.stages);
await library.close();
const pairs = [
  ...byQuery
    .flat()
    .map((pair) => ({ ...pair, isCopy: labels.truth.get(pair.query)?.has(pair.reference) ?? false })),
  ...otherMoments.map((pair) => ({ ...pair, isCopy: false })),
];
if (values.examples) writeFileSync(userPath(values.examples), JSON.stringify(pairs));

const score = fitWeights(pairs);
console.log(`${pairs.filter(({ isCopy }) => isCopy).length} true pairs, ${pairs.length} in all`);
const scoresOf = (isCopy: boolean) =>
  pairs
    .filter((pair) => pair.isCopy === isCopy)
    .map(({ segments }) => bestScore(segments, score))
    .sort((a, b) => a - b);
const [falseScores, trueScores] = [scoresOf(false), scoresOf(true)];
const at = (scores: number[], share: number) => scores[Math.floor(share * (scores.length - 1))]?.toFixed(3);
console.log(
  `false pairs: at most ${at(falseScores, 1)}, all but 2 in 100 at most ${at(falseScores, 0.98)}; true pairs: all but 2 in 100 at least ${at(trueScores, 0.02)}, half of them ${at(trueScores, 0.5)}`,
);
console.log(JSON.stringify({ score }));
