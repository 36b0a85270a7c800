// The API's description and its interactive page, as the running edge serves them to anybody.

import { expect, test } from "vitest";
import { shared } from "./running.ts";

test("the description is served", async () => {
  const response = await fetch(`${shared.edgeUrl}/openapi.json`);
  expect(response.headers.get("content-type")).toContain("application/json");
  expect(await response.json()).toMatchObject({ openapi: "3.1.0", info: { title: "Twinframe" } });
});

test("the page and all that it loads are served, and nothing from elsewhere is allowed", async () => {
  const page = await fetch(`${shared.edgeUrl}/docs`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  const html = await page.text();
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
  expect(loaded).toHaveLength(3);
  for (const path of loaded) expect((await fetch(`${shared.edgeUrl}${path}`)).status, path).toBe(200);
});

test("another address without a key is none", async () => {
  expect((await fetch(`${shared.edgeUrl}/docs/nothing`)).status).toBe(404);
});
