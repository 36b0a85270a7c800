// The split of a folder of clips: the fit part is for thresholds and training, the test part only reports. By
// group, so that two clips of one scene never stand on both sides, and by the group's name alone, so that adding
// clips moves none.

import { createHash } from "node:crypto";

export const PARTS = ["fit", "test"] as const;
export type Part = (typeof PARTS)[number];

export function partOf(group: string): Part {
  return (createHash("sha256").update(group).digest()[0] as number) < 128 ? "fit" : "test";
}
