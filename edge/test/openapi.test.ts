// The description of the API against the routes that exist.

import { expect, it } from "vitest";
import { app } from "../src/app.ts";
import { OPERATIONS } from "../src/openapi.ts";

/** Between our own context, or for the operator's Prometheus. */
const isInternal = (path: string) => path.startsWith("/internal/") || path === "/metrics";
const braces = (path: string) => path.replace(/:(\w+)(\{[^}]*\})?/g, "{$1}").replace(/(.)\/$/, "$1");

it("every route is described, and nothing that is not there", () => {
  const routes = app.routes
    .filter(({ method, path }) => method !== "ALL" && !isInternal(path))
    .map(({ method, path }) => `${method} ${braces(path)}`);
  const described = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect([...new Set(routes)].sort()).toEqual([...described].sort());
});

it("every operation has an id of its own", () => {
  const ids = OPERATIONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
