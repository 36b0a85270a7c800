// `npm run deploy:staging`, `npm run deploy:production`: checks, D1 migrations, the Worker, a smoke check.
//   -- --percent 10   only so many of 100 requests go to the new version; the rest stay where they are
//   -- --tests        the whole test suite first
// TWINFRAME_SMOKE_KEY is an API key of that environment with the scope checks:write.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { deploy, Refused } from "./deployment.ts";
import { ENVIRONMENTS } from "./target.ts";

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { percent: { type: "string", default: "100" }, tests: { type: "boolean", default: false } },
  });
  const environment = ENVIRONMENTS.find((name) => name === positionals[0]);
  if (environment === undefined) throw new Refused(`Say where to: ${ENVIRONMENTS.join(" or ")}.`);
  const percent = Number(values.percent);
  if (!Number.isInteger(percent) || percent < 1 || percent > 100)
    throw new Refused("--percent takes a whole number from 1 to 100.");
  await deploy({
    root: resolve(import.meta.dirname, "../.."),
    environment,
    percent,
    tests: values.tests,
    smoke: { apiKey: process.env.TWINFRAME_SMOKE_KEY, tries: 15, pauseMs: 2_000 },
    log: console.log,
  });
} catch (error) {
  console.error(`\n${(error as Error).message}`);
  if (error instanceof Refused) console.error("Nothing was deployed.");
  process.exitCode = 1;
}
