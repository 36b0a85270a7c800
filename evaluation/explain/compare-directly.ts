// A query with one reference of the library, whether or not a search would bring that forward: in every look
// that there is, so that a miss can be told to be the search's or the alignment's.

import { describeView } from "@twinframe/gpu-backend/pipeline/describe-view";
import { explainContent } from "@twinframe/gpu-backend/pipeline/explain/content";
import { recordLooks } from "@twinframe/gpu-backend/pipeline/explain/recorded-looks";
import { viewRounds } from "@twinframe/gpu-backend/pipeline/query-views";
import { type AlignedCandidate, merged } from "@twinframe/gpu-backend/pipeline/refine-with-views";
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
