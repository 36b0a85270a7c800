import { sha256Hex } from "@twinframe/shared/signing";
import type { ReferenceRow } from "./store/reference-row.ts";
import { referenceView } from "./view.ts";

/** Strong: another representation has another one. */
export async function etagOf(row: ReferenceRow): Promise<string> {
  return `"${(await sha256Hex(JSON.stringify(referenceView(row)))).slice(0, 32)}"`;
}

/** Whether an `If-Match` names it. */
export const holdsFor = (ifMatch: string, etag: string) =>
  ifMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim() === etag);
