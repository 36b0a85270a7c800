// A reference's vectors, a page at a time. A page starts at a frame's number.

import type { Descriptors } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { descriptorSlice } from "../clients/backend-questions.ts";
import type { ReferenceKey } from "../jobs/messages.ts";
import type { Services } from "../services.ts";
import { readyReference } from "./ready.ts";

export async function readDescriptors(
  services: Services,
  key: ReferenceKey,
  slice: { offset: number; limit: number },
): Promise<Omit<Descriptors, "next_cursor"> & { nextOffset: number | null }> {
  await readyReference(services, key);
  const found = await descriptorSlice(services.config, key, slice);
  if (found === null)
    throw new ProblemError("index_unavailable", "The index lacks this reference; try again.");
  const { model, dims, total, frames } = found;
  const reached = slice.offset + frames.length;
  const nextOffset = frames.length > 0 && reached < total ? reached : null;
  return { model, dims, total, frames, nextOffset };
}
