// A clip in the object store, with the link by which the backend reads it: what one edge among many would hand over.

import { createHash } from "node:crypto";
import type { Upload } from "@twinframe/shared/contract";
import { signUrl } from "@twinframe/shared/signing";
import type { Arena } from "./arena.ts";

export interface StoredClip {
  sha256: string;
  url: string;
}

const LINK_LIFE_S = 4 * 3600;
/** Of the edge, which reads its bucket for the backend. */
const OBJECT_PATH_PREFIX = "/internal/objects/";

export async function storeClip(
  {
    ask,
    floodKey: key,
    edgeUrl,
    signingSecret,
  }: Pick<Arena, "ask" | "floodKey" | "signingSecret"> & { edgeUrl: string },
  bytes: Uint8Array<ArrayBuffer>,
): Promise<StoredClip> {
  const json = { key, type: "application/json" };
  const opened = await ask("/v1/uploads", { ...json, body: JSON.stringify({ bytes: bytes.byteLength }) });
  const { id, missing_parts } = (await opened.json()) as Upload;
  for (const { url } of missing_parts) await ask(url, { method: "PUT", key, body: bytes });
  const completed = await ask(`/v1/uploads/${id}/complete`, { key });
  if (!completed.ok) throw new Error(`the upload failed: ${await completed.text()}`);
  const url = new URL(`${edgeUrl}${OBJECT_PATH_PREFIX}uploads/${id}`);
  const signed = await signUrl(signingSecret, url, Date.now() / 1000 + LINK_LIFE_S);
  return { sha256: createHash("sha256").update(bytes).digest("hex"), url: signed.href };
}
