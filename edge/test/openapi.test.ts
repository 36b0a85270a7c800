// Every route that the app serves says who may use it, and is described.

import { expect, it } from "vitest";
import { app } from "../src/app.ts";
import { OPERATIONS } from "./operations.ts";

const braces = (path: string) => path.replace(/:(\w+)/g, "{$1}");
const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${braces(path)}`;

it("every route of the app says who may use it", () => {
  const served = app.routes.filter(({ method }) => method !== "ALL").map(nameOf);
  expect(served.length).toBeGreaterThan(0);
  const saying = app.described.filter(({ access }) => access !== undefined).map(nameOf);
  // One that is added past `serve` has no guard: give it createRoute and `needs(scope)`, or `isPublic`.
  expect([...new Set(served)].sort()).toEqual([...saying].sort());
});

it("only these routes are open without an API key", () => {
  const open = app.described.filter(({ access }) => access === "public" || "ownGuard" in access);
  expect(open.map((route) => [nameOf(route), route.access])).toEqual([
    ["GET /livez", "public"],
    ["GET /readyz", "public"],
    ["GET /metrics", { ownGuard: "metrics token" }],
    ["GET /internal/objects/*", { ownGuard: "signed link" }],
  ]);
});

it("every operation has an id of its own", () => {
  const ids = OPERATIONS.map(({ id }) => id);
  expect(ids).not.toContain("");
  expect(new Set(ids).size).toBe(ids.length);
});
