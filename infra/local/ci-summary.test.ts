import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tempFolder } from "./services/temp-folder.ts";

const script = fileURLToPath(new URL("./ci-summary.mjs", import.meta.url));

/** What the script says, line by line, and its exit code last. */
function summary(
  result: object | string,
  testExit: number,
  ...failedChecks: string[]
): (string | number | null)[] {
  const file = join(tempFolder(), "vitest.json");
  writeFileSync(file, typeof result === "string" ? result : JSON.stringify(result));
  const { stdout, status } = spawnSync(process.execPath, [script, file, String(testExit), ...failedChecks], {
    encoding: "utf8",
  });
  return [...stdout.trimEnd().split("\n"), status];
}

const suite = (...statuses: string[]) => ({
  name: "/a.test.ts",
  status: statuses.every((status) => status === "passed") ? "passed" : "failed",
  assertionResults: statuses.map((status) => ({ status })),
});
const result = (passed: number, failed: number, rest = {}) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [suite("passed")],
  ...rest,
});

test("the CI summary of a run without failures counts the tests and exits with 0", () => {
  expect(summary(result(3, 0), 0)).toEqual(["3 passed, 0 failed", 0]);
  expect(summary(result(3, 0, { numPendingTests: 1, numTodoTests: 1 }), 0)).toEqual([
    "3 passed, 0 failed, 2 skipped",
    0,
  ]);
});

test("the CI summary adds failed tests and failed checks", () => {
  const testResults = [suite("passed", "failed", "failed")];
  expect(summary(result(3, 2, { testResults }), 1)).toEqual(["3 passed, 2 failed", 1]);
  expect(summary(result(3, 2, { testResults }), 1, "types", "lint")).toEqual([
    "npm run types failed (see above).",
    "npm run lint failed (see above).",
    "3 passed, 4 failed",
    1,
  ]);
});

test("the CI summary counts a test file that does not load as failed", () => {
  const broken = { name: "/b.test.ts", status: "failed", assertionResults: [] };
  const outcome = summary(result(3, 0, { testResults: [suite("passed"), broken] }), 1);
  expect(outcome).toEqual(["/b.test.ts failed outside its tests.", "3 passed, 1 failed", 1]);
});

test("the CI summary fails when the test runner failed or left no result", () => {
  expect(summary(result(3, 0), 1)).toEqual(["npm test ended with exit code 1.", "3 passed, 1 failed", 1]);
  expect(summary(result(0, 0, { testResults: [] }), 0)).toEqual(["No test ran.", "0 passed, 1 failed", 1]);
  for (const text of ["", "{"]) {
    expect(summary(text, 1)).toEqual(["The tests left no result (see above).", "0 passed, 1 failed", 1]);
  }
});

test("the CI workflow runs .ci/run and no check of its own, with actions pinned by commit", () => {
  const workflow = readFileSync(new URL("../../.github/workflows/ci.yml", import.meta.url), "utf8");
  expect(workflow.match(/^ *- run: .*$/gm)).toEqual(["      - run: .ci/run"]);
  expect(workflow).not.toMatch(/\b(?:npm|npx|node) /);
  for (const [, action] of workflow.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/@[0-9a-f]{40}$/);
});
