// npm run openapi: writes the API's description that the edge serves, from the schemas.

import { writeFile } from "node:fs/promises";
import { openApiDocument } from "@twinframe/edge/platform/openapi/document";

const file = new URL("../../edge/assets/openapi.json", import.meta.url);
await writeFile(file, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
