// How an upload is cut: parts of one size, and a last one with the rest.

import type { UploadRow } from "../ingest/store/uploads.ts";

type Cut = Pick<UploadRow, "bytes" | "part_bytes">;

export const partCount = ({ bytes, part_bytes }: Cut) => Math.ceil(bytes / part_bytes);

/** Of the part of this number, from 1 on. */
export const bytesOfPart = (cut: Cut, part: number) =>
  Math.min(cut.part_bytes, cut.bytes - (part - 1) * cut.part_bytes);

/** 1, 2, 3 … */
export const partNumbers = (cut: Cut) => Array.from({ length: partCount(cut) }, (_, i) => i + 1);
