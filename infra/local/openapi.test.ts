import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { apiDescription } from "./api-description.ts";

it("the committed OpenAPI document is what the routes generate", async () => {
  const committed = readFileSync(new URL("../../edge/assets/openapi.json", import.meta.url), "utf8");
  expect(JSON.parse(committed), "run `npm run openapi`").toEqual(
    JSON.parse(JSON.stringify(await apiDescription())),
  );
});
