// Which model is meant: a name picks one that is shipped, a path any other.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MODELS = fileURLToPath(new URL("../../models/", import.meta.url));

/** models/manifest.json is the default's. */
export const DEFAULT_MANIFEST = join(MODELS, "manifest.json");

const isName = (choice: string) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(choice) && !choice.endsWith(".json");

export function manifestFileOf(choice: string): string {
  return isName(choice) ? join(MODELS, choice, "manifest.json") : resolve(choice);
}
