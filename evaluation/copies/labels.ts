// The lists beside a set's videos. Only of what was made: a label without its file would count as missed.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { csvLine } from "../csv.ts";
import type { Clip } from "./clips.ts";
import type { PlannedQuery } from "./plan.ts";
import { speedOf } from "./timeline.ts";

/** The single edit's name, or `chain`. */
export const editOf = ({ edits }: PlannedQuery) => (edits.length === 1 ? (edits[0]?.name ?? "") : "chain");

export async function writeLabels(out: string, references: Clip[], queries: PlannedQuery[]): Promise<void> {
  await writeFile(join(out, "references.csv"), referenceRows(references));
  await writeFile(join(out, "queries.csv"), queryRows(queries));
  await writeFile(join(out, "ground_truth.csv"), truthRows(queries));
}

function referenceRows(references: Clip[]): string {
  let text = csvLine(["ref_id", "source", "group", "duration_s"]);
  for (const { referenceId, name, group, durationS } of references)
    text += csvLine([referenceId ?? "", name, group, seconds(durationS)]);
  return text;
}

function queryRows(queries: PlannedQuery[]): string {
  const columns = "query_id,kind,relation,edit,edits,parameters,source,group,duration_s";
  let text = csvLine(columns.split(","));
  for (const query of queries)
    text += csvLine([
      query.id,
      query.kind,
      query.relation,
      editOf(query),
      query.edits.map(({ name }) => name).join("+"),
      JSON.stringify(query.edits.map(({ parameters }) => parameters)),
      query.source.name,
      query.source.group,
      seconds(query.durationS),
    ]);
  return text;
}

export function truthRows(queries: PlannedQuery[]): string {
  const columns = "query_id,ref_id,query_start,query_end,ref_start,ref_end,edit,modality,speed,mirrored";
  let text = csvLine(columns.split(","));
  for (const query of queries)
    for (const segment of query.segments) {
      const { clip, queryStartS, queryEndS, clipStartS, clipEndS, modality } = segment;
      if (clip.referenceId === null) continue;
      text += csvLine([
        query.id,
        clip.referenceId,
        ...[queryStartS, queryEndS, clipStartS, clipEndS].map(seconds),
        editOf(query),
        modality,
        speedOf(segment).toFixed(3),
        segment.mirrored ? 1 : 0,
      ]);
    }
  return text;
}

const seconds = (s: number) => s.toFixed(3);
