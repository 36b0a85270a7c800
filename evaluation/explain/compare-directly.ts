// A query with one reference of the library, whether or not a search would bring that forward: in every view, so that
// a miss can be attributed to the search or to the alignment.

import { WHOLE_VIEW } from "@twinframe/gpu-backend/align/align";
import { onlyCandidate } from "@twinframe/gpu-backend/pipeline/candidates";
import { type Comparison, joined, mergedByReference } from "@twinframe/gpu-backend/pipeline/comparison";
import { describeView } from "@twinframe/gpu-backend/pipeline/describe-view";
import { explainContent } from "@twinframe/gpu-backend/pipeline/explain/explain-content";
import { viewComparer } from "@twinframe/gpu-backend/pipeline/look-up";
import { viewRounds } from "@twinframe/gpu-backend/pipeline/query-views";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
import type { Explanation } from "@twinframe/shared/contract";
import { describeFile } from "../every-look.ts";
import { EVALUATION_LIBRARY, type EvaluationLibrary } from "../library.ts";

export async function compareDirectly(
  file: string,
  referenceId: string,
  { stages }: EvaluationLibrary,
): Promise<Explanation> {
  const { embedder, index } = stages;
  const described = await describeFile(file, stages);
  const reference = (await index.descriptorsOf(EVALUATION_LIBRARY, [referenceId])).get(referenceId);
  if (!reference) throw new Error(`the library does not hold ${referenceId}`);
  const source = onlyCandidate(referenceId, reference);
  const comparer = viewComparer(source, stages, { clock: new StageClock() });
  const found: Comparison[] = [];
  const views = embedder.supportsViews ? viewRounds(described.pictures).flatMap(({ views }) => views()) : [];
  found.push(await comparer.compareWith({ view: WHOLE_VIEW, track: described.track }, [referenceId]));
  for (const view of views) {
    const track = await describeView(described.pictures, view.map, embedder);
    found.push(await comparer.compareWith({ view, track }, [referenceId]));
  }
  const { candidates, views: compared } = joined(found);
  const comparison = { candidates: mergedByReference(candidates), views: compared };
  return explainContent({ library: EVALUATION_LIBRARY, described, comparison }, stages);
}
