// npm run openapi: writes the API's description that the edge serves, from its routes.

import { writeFile } from "node:fs/promises";
import { apiDescription } from "./api-description.ts";

const file = new URL("../../edge/assets/openapi.json", import.meta.url);
await writeFile(file, `${JSON.stringify(await apiDescription(), null, 2)}\n`);
