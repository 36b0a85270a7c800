import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openApiDocument } from "../../edge/src/platform/openapi/document.ts";

it("the committed description of the API is what the schemas say", () => {
  const committed = readFileSync(new URL("../../edge/assets/openapi.json", import.meta.url), "utf8");
  expect(JSON.parse(committed), "run `npm run openapi`").toEqual(
    JSON.parse(JSON.stringify(openApiDocument())),
  );
});
