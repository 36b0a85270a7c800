import type { CheckedQuery } from "../check-set.ts";
import type { EvaluationLibrary } from "../library.ts";
import { type Step, withProgress } from "../progress.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import type { LabelledSet, VideoFile } from "../video-set.ts";
import { casePictures } from "./case-pictures.ts";
import { type Case, worstFalseAlarms, worstMisses } from "./cases.ts";
import { reportPage, type ShownCase } from "./report.ts";

/** The library must still hold the set's references: their descriptors are in the pictures. */
export async function makeReport(
  evaluation: SetEvaluation,
  { queries, references, labels }: LabelledSet,
  checked: readonly CheckedQuery[],
  library: EvaluationLibrary,
): Promise<string> {
  const [misses, falseAlarms] = [worstMisses(checked, labels), worstFalseAlarms(checked, labels)];
  const fileOf = (videos: VideoFile[], id: string) => videos.find((video) => video.id === id)?.file ?? "";
  const pictured = async (cases: Case[], step: Step) => {
    const shown: ShownCase[] = [];
    for (const one of cases) {
      const files = { query: fileOf(queries, one.queryId), reference: fileOf(references, one.referenceId) };
      shown.push({ shown: one, pictures: await casePictures(one, files, library) });
      step();
    }
    return shown;
  };
  const shown = await withProgress("cases pictured", misses.length + falseAlarms.length, async (step) => ({
    misses: await pictured(misses, step),
    falseAlarms: await pictured(falseAlarms, step),
  }));
  return reportPage(evaluation, shown);
}
