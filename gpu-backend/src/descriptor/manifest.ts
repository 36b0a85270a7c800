// The model manifest: everything the service knows of a descriptor. Whatever depends on the model (input
// size, dimensions, thresholds on its similarities) is read from here, so that another ONNX file takes its
// place by a manifest alone.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256Schema } from "@twinframe/shared/contract";
import { z } from "zod";

/** How this model's similarities are to be read; fitted by `npm run calibrate` on the fit part. */
export const calibrationSchema = z.strictObject({
  /** A frame pair below this cosine similarity shows different things. */
  frame_similarity_floor: z.number().min(-1).max(1),
  /** The mean squared distance of a video's descriptors from their mean that re-encoding alone makes. */
  static_energy: z.number().positive(),
  /** Where nothing moves, only similarity speaks: below `none` it says nothing, from `full` on all. */
  static_similarity: z.strictObject({ none: z.number(), full: z.number() }),
  /** Logistic weights: similarity (mean cosine), motion (centred correlation), evidence (ln of frames). */
  score: z.strictObject({
    bias: z.number(),
    similarity: z.number(),
    motion: z.number(),
    evidence: z.number(),
  }),
});
export type Calibration = z.infer<typeof calibrationSchema>;

export const manifestSchema = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  /** The ONNX file, beside the manifest. */
  file: z.string().regex(/^[A-Za-z0-9._-]+\.onnx$/),
  sha256: sha256Schema,
  licence: z.string().min(1),
  made_by: z.string().optional(),
  /** uint8 [n, height, width, 3], as the decoder writes rgb24. */
  input: z.strictObject({
    name: z.string().min(1),
    width: z.int().min(8).max(1024),
    height: z.int().min(8).max(1024),
    pixel_format: z.literal("rgb24"),
  }),
  /** float32 [n, dims], each of length 1. */
  output: z.strictObject({ name: z.string().min(1), dims: z.int().min(1).max(8192) }),
  metric: z.literal("cosine"),
  calibration: calibrationSchema,
  figures: z.record(z.string(), z.json()).optional(),
});
export type ModelManifest = z.infer<typeof manifestSchema>;

export interface LoadedModel {
  manifest: ModelManifest;
  graph: Uint8Array;
}

/** Reads a manifest and its graph. Throws when either is missing, misshapen, or the hash does not fit. */
export async function loadModel(manifestFile: string): Promise<LoadedModel> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, "utf8")));
  const graphFile = join(dirname(manifestFile), manifest.file);
  const graph = await readFile(graphFile);
  const sha256 = createHash("sha256").update(graph).digest("hex");
  if (sha256 !== manifest.sha256)
    throw new Error(
      `${graphFile} has sha256 ${sha256} but its manifest says ${manifest.sha256}: put back the file that belongs to the manifest`,
    );
  return { manifest, graph };
}
