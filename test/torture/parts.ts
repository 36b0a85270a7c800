// The parts of the campaign: each file of parts/ is one, named after it. What a part consists of lies in a folder beside.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "./part.ts";

const FOLDER = join(import.meta.dirname, "parts");

/** In the order of the alphabet. */
export function partNames(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map(({ name }) => name.slice(0, -".ts".length))
    .sort();
}

export const loadPart = (name: string): Promise<{ part: Part }> => import(join(FOLDER, `${name}.ts`));
