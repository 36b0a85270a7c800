// The API's description, from its routes. Not part of the Worker.

import { app } from "./app.ts";
import { openApiDocument } from "./platform/openapi/document.ts";

export const apiDocument = () => openApiDocument(app.described);
