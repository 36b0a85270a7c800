// The model manifest: everything the service knows of a descriptor. Whatever depends on the model (input
// size, dimensions, thresholds on its similarities) is read from here, so that another ONNX file takes its
// place by a manifest alone. docs/operation.md, "Another model", explains the fields.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { graphFileFields, readHashedFile } from "./hashed-file.ts";

/** How this model's similarities are to be read; fitted by `npm run calibrate` on the fit part. */
export const calibrationSchema = z.strictObject({
  /** A frame pair below this cosine similarity shows different things. */
  frame_similarity_floor: z.number().min(-1).max(1),
  /** The mean squared distance of a video's descriptors from their mean that re-encoding alone makes. */
  static_energy: z.number().positive(),
  /** Where nothing moves, only similarity counts: not at all below `none`, fully from `full` on. */
  static_similarity: z.strictObject({ none: z.number(), full: z.number() }),
  /**
   * Logistic weights: similarity (mean cosine), motion (centred correlation), evidence (ln of frames), and what
   * it counts that the query was compared turned or in part: each further view is one more chance of a false
   * match.
   */
  score: z.strictObject({
    bias: z.number(),
    similarity: z.number(),
    motion: z.number(),
    evidence: z.number(),
    turned: z.number().default(0),
    part: z.number().default(0),
  }),
});
export type Calibration = z.infer<typeof calibrationSchema>;

const side = z.int().min(8).max(1024);
const perChannel = (value: z.ZodNumber) => z.tuple([value, value, value]);

const inputSchema = z
  .strictObject({
    name: z.string().min(1),
    width: side,
    height: side,
    pixel_format: z.literal("rgb24"),
    /** uint8 [n, height, width, 3], as the decoder writes rgb24; or float32 [n, 3, height, width] of 0 … 1. */
    tensor: z
      .union([
        z.literal("uint8_nhwc"),
        z.strictObject({
          type: z.literal("float32_nchw"),
          mean: perChannel(z.number()),
          std: perChannel(z.number().positive()),
        }),
      ])
      .default("uint8_nhwc"),
    /** A second input, float32 [2, 3]: see view.ts. */
    view: z.string().min(1).optional(),
    /** Any frame size from these to width × height will do. */
    least_width: side.optional(),
    least_height: side.optional(),
    /** The graph takes exactly this many frames at a time. */
    batch: z.int().min(1).max(1024).optional(),
  })
  .refine(({ least_width, width }) => (least_width ?? 0) <= width, "least_width is over width")
  .refine(({ least_height, height }) => (least_height ?? 0) <= height, "least_height is over height")
  .refine(({ name, view }) => name !== view, "view and name are the same input");
export type ModelInput = z.infer<typeof inputSchema>;

const outputSchema = z.strictObject({
  /** float32 [n, dims]. */
  name: z.string().min(1),
  dims: z.int().min(1).max(8192),
  /** Whether each is of length 1 already. */
  normalised: z.boolean().default(true),
});

export const manifestSchema = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  /** The ONNX graph, with its weights inside. */
  ...graphFileFields,
  licence: z.string().min(1),
  made_by: z.string().optional(),
  input: inputSchema,
  output: outputSchema,
  metric: z.literal("cosine"),
  calibration: calibrationSchema,
  figures: z.record(z.string(), z.json()).optional(),
});
export type ModelManifest = z.infer<typeof manifestSchema>;

export interface LoadedModel {
  manifest: ModelManifest;
  graph: Uint8Array;
}

/** Reads a manifest and its files. Throws when one is missing, misshapen, or its hash does not fit. */
export async function loadModel(manifestFile: string): Promise<LoadedModel> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, "utf8")));
  const graph = await readHashedFile(join(dirname(manifestFile), manifest.file), manifest.sha256);
  return { manifest, graph };
}
