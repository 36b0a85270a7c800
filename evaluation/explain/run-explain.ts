// npm run evaluate -- --set DIR --explain QUERY_ID REF_ID: why the pair came out as it did, as text and as the
// picture of its similarity matrix. The whole set's references are indexed, so that the check is the set's own.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AnalysisResult, Explanation } from "@twinframe/shared/contract";
import { checkSet } from "../check-set.ts";
import { type EvaluationLibrary, openEvaluationLibrary } from "../library.ts";
import { readVideoSet, type VideoFile } from "../video-set.ts";
import { compareDirectly } from "./compare-directly.ts";
import { type ExplainedPair, explanationText } from "./explanation-text.ts";

export interface ExplainOptions {
  set: string;
  pair: { query: string; reference: string };
  /** Where the matrix goes. */
  out: string;
  atOnce: number;
}

function videoOf(videos: VideoFile[], id: string, folder: string): VideoFile {
  const video = videos.find((one) => one.id === id);
  if (video) return video;
  throw new Error(
    `--explain: there is no video ${id} in ${folder}; its file's name without extension is its id`,
  );
}

export async function runExplain({ set: folder, pair, out, atOnce }: ExplainOptions): Promise<void> {
  const set = readVideoSet(folder);
  const query = videoOf(set.queries, pair.query, join(folder, "queries"));
  videoOf(set.references, pair.reference, join(folder, "references"));
  const library = await openEvaluationLibrary();
  try {
    const { unreadable } = await checkSet({ references: set.references, queries: [] }, library, atOnce);
    const failed = unreadable.find((line) => line.startsWith(`${pair.reference}: `));
    if (failed !== undefined) throw new Error(`--explain: the reference could not be read: ${failed}`);
    const result = await library.explain(query.file);
    const explained = await pairOf(result, query.file, pair.reference, library);
    const { matrix } = explained.candidate;
    if (matrix) writeFileSync(out, Buffer.from(matrix.png_base64, "base64"));
    console.log(explanationText(pair, result, explained, out));
  } finally {
    await library.close();
  }
}

/** As the check has it; where it does not speak of the reference, compared with it now. */
async function pairOf(
  { explanation }: AnalysisResult,
  file: string,
  referenceId: string,
  library: EvaluationLibrary,
): Promise<ExplainedPair> {
  const inCheck = candidateOf(explanation, referenceId);
  if (inCheck) return { candidate: inCheck, looks: explanation?.looks ?? [], isDirect: false };
  const direct = await compareDirectly(file, referenceId, library);
  const candidate = candidateOf(direct, referenceId);
  if (candidate) return { candidate, looks: direct.looks, isDirect: true };
  throw new Error(`--explain: the pair could not be compared: ${direct.reason}`);
}

const candidateOf = (explanation: Explanation | undefined, referenceId: string) =>
  explanation?.candidates.find((candidate) => candidate.reference_id === referenceId);
