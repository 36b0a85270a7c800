// A query with one reference of the library, whether or not a search would bring that forward: in every look
// that there is, so that a miss can be told to be the search's or the alignment's.

import type { Explanation } from "@twinframe/shared/contract";
import { describeView } from "../../gpu-backend/src/pipeline/describe-view.ts";
import { explainContent } from "../../gpu-backend/src/pipeline/explain/content.ts";
import { recordLooks } from "../../gpu-backend/src/pipeline/explain/recorded-looks.ts";
import { viewRounds } from "../../gpu-backend/src/pipeline/query-views.ts";
import { type AlignedCandidate, merged } from "../../gpu-backend/src/pipeline/refine-with-views.ts";
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
  const { aligner, looks } = recordLooks(stages.aligner);
  const found: AlignedCandidate[] = [];
  const views = embedder.supportsViews ? viewRounds(described.pictures).flatMap(({ views }) => views()) : [];
  for (const view of [null, ...views]) {
    const track = view ? await describeView(described.pictures, view.map, embedder) : described.track;
    const [segments = []] = await aligner.align(track, [reference], view);
    found.push({ referenceId, durationS: reference.durationS, segments });
  }
  const compared = { library: EVALUATION_LIBRARY, described, candidates: merged(found), looks };
  return explainContent(compared, stages);
}
