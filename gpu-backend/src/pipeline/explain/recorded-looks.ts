// What was really compared, written down at the aligner: every look at a query passes there once.

import type { ExplainedLook } from "@twinframe/shared/contract";
import { WHOLE_LOOK } from "../../align/align.ts";
import type { Aligner } from "../../align/aligner.ts";

export interface RecordedLooks {
  aligner: Aligner;
  /** In the order they were compared. */
  looks: ExplainedLook[];
}

export function recordLooks(aligner: Aligner): RecordedLooks {
  const looks: ExplainedLook[] = [];
  const align: Aligner["align"] = (query, references, look) => {
    const { name } = look ?? WHOLE_LOOK;
    looks.push({ view: name, frames: query.startS.length, references: references.length });
    return aligner.align(query, references, look);
  };
  return { aligner: { ...aligner, align }, looks };
}
