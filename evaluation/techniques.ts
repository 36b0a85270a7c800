// npm run techniques -- --fit DIR --test DIR: what each technique of a check is worth. Every look is taken once;
// for each variant the score's weights are fitted anew on the one set and the ranking measured on the other.

import { parseArgs } from "node:util";
import { fitPairs, logitOf } from "./calibration-fit.ts";
import { openEvaluationLibrary } from "./library.ts";
import { rankingFigures, rankPairs } from "./measure/ranking.ts";
import { readBackground } from "./techniques/background.ts";
import { type LookedPair, lookedPairs } from "./techniques/looked-pairs.ts";
import { VARIANTS, type Variant } from "./techniques/variants.ts";
import { userPath } from "./user-path.ts";
import { readVideoSet, type VideoSet } from "./video-set.ts";

const USAGE =
  "npm run techniques -- --fit DIR --test DIR [--background FILE.i8] [--every 1] (every Nth query of each set)";
const AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    fit: { type: "string" },
    test: { type: "string" },
    background: { type: "string" },
    every: { type: "string", default: "1" },
  },
});
const every = Number(values.every);
if (!values.fit || !values.test || !Number.isInteger(every) || every < 1) throw new Error(USAGE);

interface LabelledSet extends VideoSet {
  labels: NonNullable<VideoSet["labels"]>;
}

function labelled(folder: string): LabelledSet {
  const { labels, queries, references } = readVideoSet(userPath(folder));
  if (!labels) throw new Error(`${folder} has no ground_truth.csv`);
  return { labels, references, queries: queries.filter((_, i) => i % every === 0) };
}

const within = (pairs: LookedPair[], { uses }: Variant) =>
  pairs.map((pair) => ({ ...pair, segments: pair.segments.filter(uses) }));

function figuresOf(variant: Variant, fit: Compared, test: Compared): string[] {
  const start = [-8, ...variant.features.map((_, i) => (i < 2 ? 4 : 0))];
  const weights = fitPairs(within(fit.pairs, variant).map(fit.label), variant.features, start);
  const scored = within(test.pairs, variant)
    .filter(({ segments }) => segments.length > 0)
    .map(({ query, reference, segments }) => ({
      queryId: query,
      referenceId: reference,
      score: Math.max(...segments.map((segment) => logitOf(segment, variant.features, weights))),
    }));
  const { groupOf, queries: about } = test.set.labels;
  const isSameScene = ({ queryId, referenceId }: (typeof scored)[number]) =>
    !test.set.labels.truth.get(queryId)?.has(referenceId) &&
    about.get(queryId)?.group === groupOf.get(referenceId);
  const ids = test.set.queries.map(({ id }) => id);
  const all = rankingFigures(rankPairs(scored, ids, test.set.labels.truth));
  const others = rankingFigures(
    rankPairs(
      scored.filter((pair) => !isSameScene(pair)),
      ids,
      test.set.labels.truth,
    ),
  );
  return [all.microAp, others.microAp, all.recallAtP90, all.bestF1].map((figure) => figure.toFixed(3));
}

interface Compared {
  set: LabelledSet;
  pairs: LookedPair[];
  label: (pair: LookedPair) => LookedPair & { isCopy: boolean };
}

async function compared(set: LabelledSet): Promise<Compared> {
  const pairs = await lookedPairs(set, background, AT_ONCE);
  const { truth } = set.labels;
  return {
    ...{ set, pairs },
    label: (pair) => ({ ...pair, isCopy: truth.get(pair.query)?.has(pair.reference) ?? false }),
  };
}

const sets = { fit: labelled(values.fit), test: labelled(values.test) };
const library = await openEvaluationLibrary();
const { dims } = library.stages.embedder.manifest.output;
await library.close();
const background = values.background ? readBackground(userPath(values.background), dims) : null;
const [fit, test] = [await compared(sets.fit), await compared(sets.test)];
console.log(`${fit.set.queries.length} queries fitted on, ${test.set.queries.length} measured`);
const row = (name: string, figures: string[]) =>
  console.log(`${name.padEnd(36)}${figures.map((figure) => figure.padStart(12)).join("")}`);
row("", ["micro-AP", "no same-sc.", "R at P.9", "best F1"]);
for (const variant of VARIANTS)
  if (background || !variant.name.endsWith("normalisation")) row(variant.name, figuresOf(variant, fit, test));
