// Whatever stands where an id, a cursor or a filter should: the client is told, and nothing breaks.

import { expect, it } from "vitest";
import { ask, jsonOf } from "../../test/client.ts";

const GARBAGE = [
  "%00",
  "%",
  "%zz",
  "%C3%28",
  "%ED%A0%80",
  "%F0%9F%8E%AC",
  "x".repeat(8000),
  "%27%20OR%201=1--",
  "..%2F..",
  "%0D%0Ax:y",
  "null",
  "-1",
  "1e999",
];
const CURSORS = [
  ["1"],
  ["x"],
  ["99999999999999999999"],
  ["-1"],
  ["", ""],
  ["\u0000", "\ud800"],
  ["2026-01-01T00:00:00.000Z", "x".repeat(500)],
].map((key) => btoa(JSON.stringify(key)).replaceAll("=", ""));

const ROUTES: [string, (garbage: string) => string][] = [
  ...["GET", "DELETE"].map((method): [string, (g: string) => string] => [method, (g) => `/v1/checks/${g}`]),
  ...["decisions", "events"].map((what): [string, (g: string) => string] => [
    "GET",
    (g) => `/v1/checks/${g}/${what}`,
  ]),
  ...["cancel", "decision"].map((what): [string, (g: string) => string] => [
    "POST",
    (g) => `/v1/checks/${g}/${what}`,
  ]),
  ...["GET", "PATCH", "DELETE"].map((method): [string, (g: string) => string] => [
    method,
    (g) => `/v1/references/${g}`,
  ]),
  ...["disable", "enable"].map((what): [string, (g: string) => string] => [
    "POST",
    (g) => `/v1/references/${g}/${what}`,
  ]),
  ["GET", (g) => `/v1/imports/${g}`],
  ["GET", (g) => `/v1/imports/${g}/lines`],
  ["POST", (g) => `/v1/imports/${g}/cancel`],
  ...["checks", "references", "imports"].flatMap((list) =>
    ["cursor", "limit", "status", "library", "created_after", "created_before", "verdict"].map(
      (name): [string, (g: string) => string] => ["GET", (g) => `/v1/${list}?${name}=${g}`],
    ),
  ),
];

it.each(ROUTES.map(([method, path]) => ({ method, path, name: `${method} ${path("…")}` })))(
  "$name",
  async ({ method, path }) => {
    for (const garbage of [...GARBAGE, ...CURSORS]) {
      const json = method === "PATCH" ? { metadata: {} } : { decision: "confirmed", by: "me" };
      const response = await ask(path(garbage), {
        method,
        ...(method === "GET" || method === "DELETE" ? {} : { json }),
      });
      const text = await response.text();
      // A cursor that could be one, and a whole number, are fine where they stand.
      if (response.status === 200) expect(JSON.parse(text)).toHaveProperty("next_cursor");
      else expect([400, 404], `${garbage.slice(0, 40)} ${text}`).toContain(response.status);
    }
  },
);

it("metadata filters of any kind find nothing, or are refused", async () => {
  for (const garbage of GARBAGE) {
    for (const query of [`metadata.${garbage}=1`, `metadata.a=${garbage}`]) {
      const response = await ask(`/v1/references?${query}`);
      if (response.status === 200) expect((await jsonOf(response)).data).toEqual([]);
      else expect(response.status, query.slice(0, 60)).toBe(400);
    }
  }
});

it("a decision may be written in any characters", async () => {
  const by = "\u0000\ud800 ‮ \u{1f3ac}";
  const response = await ask("/v1/checks/chk_none/decision", {
    json: { decision: "confirmed", by, reason: by },
  });
  expect(response.status).toBe(404);
});
