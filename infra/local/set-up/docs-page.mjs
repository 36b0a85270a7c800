// The interactive documentation's program, from its package into the folder that the edge serves.

import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const FILES = ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"];
const source = (root, file) => join(root, "node_modules/swagger-ui-dist", file);
const target = (root, file) => join(root, "edge/assets/docs", file);

/** False as well when the package is not there to be copied from. */
export const docsPageMissing = (root) =>
  FILES.some((file) => existsSync(source(root, file)) && !existsSync(target(root, file)));

export function copyDocsPage(root) {
  for (const file of FILES)
    if (existsSync(source(root, file))) copyFileSync(source(root, file), target(root, file));
}
