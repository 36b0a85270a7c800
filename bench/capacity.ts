// npm run bench:capacity [-- --write]: the capacity plan's tables from bench/capacity/constants.ts, to the screen
// or into docs/scale.md. Nothing is measured here, and every run gives the same.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { withTables } from "./capacity/document.ts";
import { TABLES } from "./capacity/tables.ts";

const DOCUMENT = fileURLToPath(new URL("../docs/scale.md", import.meta.url));

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
if (values.write) writeFileSync(DOCUMENT, withTables(readFileSync(DOCUMENT, "utf8")));
else for (const [name, make] of Object.entries(TABLES)) console.log(`${name}\n\n${make()}\n`);
