// npm run techniques -- --fit DIR --test DIR: what each technique of a check is worth. Every look is taken once;
// for each variant the score's weights are fitted anew on the one set and the ranking measured on the other.

import { parseArgs } from "node:util";
import { fitPairs, type LabelledPair, logitOf } from "./calibration-fit.ts";
import { isSameScene } from "./measure/judged-queries.ts";
import { rankingFigures, rankPairs } from "./measure/ranking.ts";
import { plainTable } from "./table.ts";
import { type LookedPair, type LookedSegment, lookedPairs } from "./techniques/looked-pairs.ts";
import { VARIANTS, type Variant } from "./techniques/variants.ts";
import { userPath } from "./user-path.ts";
import { type LabelledSet, readLabelledSet } from "./video-set.ts";

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

const within = (pairs: Compared["pairs"], { uses }: Variant) =>
  pairs.map((pair) => ({ ...pair, segments: pair.segments.filter(uses) }));

interface Compared {
  set: LabelledSet;
  pairs: (LookedPair & LabelledPair<LookedSegment>)[];
}

function figuresOf(variant: Variant, fit: Compared, { set, pairs }: Compared): string[] {
  const start = [-8, ...variant.features.map((_, i) => (i < 2 ? 4 : 0))];
  const weights = fitPairs(within(fit.pairs, variant), variant.features, start);
  const scored = within(pairs, variant)
    .filter(({ segments }) => segments.length > 0)
    .map(({ query, reference, segments }) => ({
      queryId: query,
      referenceId: reference,
      score: Math.max(...segments.map((segment) => logitOf(segment, variant.features, weights))),
    }));
  const ids = set.queries.map(({ id }) => id);
  const figures = (among: typeof scored) => rankingFigures(rankPairs(among, ids, set.labels.truth));
  const all = figures(scored);
  const others = figures(
    scored.filter(({ queryId, referenceId }) => !isSameScene(set.labels, queryId, referenceId)),
  );
  return [all.microAp, others.microAp, all.recallAtP90, all.bestF1].map((figure) => figure.toFixed(3));
}

async function compared(set: LabelledSet): Promise<Compared> {
  const { truth } = set.labels;
  const pairs = await lookedPairs(set, background, AT_ONCE);
  const isCopy = ({ query, reference }: LookedPair) => truth.get(query)?.has(reference) ?? false;
  return { set, pairs: pairs.map((pair) => ({ ...pair, isCopy: isCopy(pair) })) };
}

const background = values.background ? userPath(values.background) : null;
const sets = {
  fit: readLabelledSet(userPath(values.fit), every),
  test: readLabelledSet(userPath(values.test), every),
};
const fit = await compared(sets.fit);
const test = await compared(sets.test);
console.log(`${fit.set.queries.length} queries fitted on, ${test.set.queries.length} measured`);
const rows = VARIANTS.filter(({ name }) => background || !name.endsWith("normalisation")).map((variant) => [
  variant.name,
  ...figuresOf(variant, fit, test),
]);
console.log(plainTable([["", "micro-AP", "no same-sc.", "R at P.9", "best F1"], ...rows]));
