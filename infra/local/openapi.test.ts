import { readFileSync } from "node:fs";
import { openApiDocument } from "@twinframe/edge/platform/openapi/document";
import { expect, it } from "vitest";

it("the committed OpenAPI document is what the schemas generate", () => {
  const committed = readFileSync(new URL("../../edge/assets/openapi.json", import.meta.url), "utf8");
  expect(JSON.parse(committed), "run `npm run openapi`").toEqual(
    JSON.parse(JSON.stringify(openApiDocument())),
  );
});
