// A reference's vectors, a page at a time. A page starts at a frame's number.

import type { Descriptors, ReferenceKey } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { descriptorSlice } from "../backend-client/backend-questions.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { readyReference } from "./ready.ts";

export async function readDescriptors(
  context: RequestContext,
  key: ReferenceKey,
  slice: { offset: number; limit: number },
): Promise<Omit<Descriptors, "next_cursor"> & { nextOffset: number | null }> {
  await readyReference(context, key);
  const found = await descriptorSlice(context.config, key, slice);
  if (found === null)
    throw new ProblemError("index_unavailable", "The index lacks this reference; try again.");
  const { model, dims, total, frames } = found;
  const reached = slice.offset + frames.length;
  const nextOffset = frames.length > 0 && reached < total ? reached : null;
  return { model, dims, total, frames, nextOffset };
}
