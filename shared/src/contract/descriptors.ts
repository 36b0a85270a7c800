// A video's vectors, frame by frame.

import { z } from "zod";
import { backendReferencePath, modelIdentitySchema } from "./analysis.ts";

/** Frames a page. */
export const MOST_DESCRIPTORS = 500;
/** Numbers in one answer, whatever the model's dimensions: a few megabytes as JSON. */
export const MOST_DESCRIPTOR_VALUES = 400_000;

export const frameDescriptorSchema = z.object({
  /** What is seen from here … */
  start_s: z.number().min(0),
  /** … to here: a picture that stands still has one vector. */
  end_s: z.number().min(0),
  /** Of length 1; five digits after the point. */
  vector: z.array(z.number()),
});
export type FrameDescriptor = z.infer<typeof frameDescriptorSchema>;

const track = {
  model: modelIdentitySchema,
  dims: z.int().positive(),
  /** Frames of the whole video. */
  total: z.int().min(0),
};

/** As the backend pages them: by frame number. */
export const descriptorSliceSchema = z.object({
  ...track,
  offset: z.int().min(0),
  frames: z.array(frameDescriptorSchema),
});
export type DescriptorSlice = z.infer<typeof descriptorSliceSchema>;

/** A page of `GET /v1/references/{id}/descriptors`. */
export const descriptorsSchema = z.object({
  ...track,
  frames: z.array(frameDescriptorSchema),
  next_cursor: z.string().nullable(),
});
export type Descriptors = z.infer<typeof descriptorsSchema>;

export const backendDescriptorsPath = (
  [tenant, library, id]: [tenant: string, library: string, id: string],
  { offset, limit }: { offset: number; limit: number },
) => `${backendReferencePath(tenant, library, id)}/descriptors?offset=${offset}&limit=${limit}`;
