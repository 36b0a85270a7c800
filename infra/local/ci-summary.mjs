// `node ci-summary.mjs VITEST_JSON TEST_EXIT_CODE [FAILED_CHECK…]`: the last line of .ci/run, and its exit code.
// Plain JavaScript: it must also tell when set-up failed and nothing is installed.

import { readFileSync } from "node:fs";

const [file, testExit, ...failedChecks] = process.argv.slice(2);
const result = read(file);
const faults = failedChecks.map((check) => `npm run ${check} failed (see above).`);

const passed = result?.numPassedTests ?? 0;
const skipped = (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
let failed = result?.numFailedTests ?? 0;

if (result === null) faults.push("The tests left no result (see above).");
else {
  // A file that does not load has no test to fail.
  const broken = (result.testResults ?? []).filter(
    (suite) => suite.status === "failed" && !suite.assertionResults.some((test) => test.status === "failed"),
  );
  for (const suite of broken) faults.push(`${suite.name} failed outside its tests.`);
  if (passed + failed === 0) faults.push("No test ran.");
  if (testExit !== "0" && failed + faults.length === 0)
    faults.push(`npm test ended with exit code ${testExit}.`);
}
failed += faults.length;

for (const fault of faults) console.log(fault);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
