// Reads a file that a manifest names, and only if it is the one meant.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { sha256Schema } from "@twinframe/shared/contract";
import { z } from "zod";

/** Below the manifest's folder: names joined by slashes, none of which starts with a dot. */
const graphFile = z
  .string()
  .regex(
    /^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.onnx$/,
    "a .onnx file in the manifest's folder or below it",
  );

export const graphFileFields = { file: graphFile, sha256: sha256Schema };

export async function readHashedFile(file: string, sha256: string): Promise<Buffer> {
  const bytes = await readFile(file);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new Error(
      `${file} has sha256 ${found} but its manifest says ${sha256}: put back the file that belongs to the manifest`,
    );
  return bytes;
}
