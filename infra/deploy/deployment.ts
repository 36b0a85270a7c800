// A deployment from its checks to its smoke check. Nothing is deployed from a tree with changes that no commit has.

import { runCommand } from "./command.ts";
import { deployPart, deployWhole, type Rollout, versionInForce, wrangler } from "./rollout.ts";
import { smokeCheck } from "./smoke.ts";
import { type EnvironmentName, readTarget, type Target } from "./target.ts";

export class Refused extends Error {}

export interface Deployment {
  root: string;
  environment: EnvironmentName;
  /** Of 100 requests, so many go to the new version. */
  percent: number;
  /** Whether the whole test suite runs first. */
  tests: boolean;
  smoke: { apiKey: string | undefined; tries: number; pauseMs: number };
  log: (line: string) => void;
}

/** Throws `Refused` when nothing has been touched, another error when the deployment failed or is not well. */
export async function deploy({ root, environment, percent, tests, smoke, log }: Deployment): Promise<void> {
  const step = (what: string) => log(`\n── ${what}`);
  const target = readTarget(root, environment);
  const commit = await refuseUnready(root, target);
  const { apiKey } = smoke;
  if (!apiKey)
    throw new Refused(`Set TWINFRAME_SMOKE_KEY to an API key of ${environment} with the scope checks:write.`);
  const rollout: Rollout = { root, environment, commit };
  const previous = await versionInForce(rollout);
  if (percent < 100 && previous === null)
    throw new Refused(`${environment} has no version yet to share the requests with: deploy it whole.`);

  for (const check of ["types", "lint", ...(tests ? ["test"] : [])]) {
    step(`npm run ${check}`);
    await runCommand(process.execPath, ["--run", check], { root });
  }
  step("does it build?");
  await wrangler(root, ["deploy", `--env=${environment}`, "--dry-run"], { quiet: true });
  step("D1 migrations");
  await wrangler(root, ["d1", "migrations", "apply", "DB", `--env=${environment}`, "--remote"]);
  step(percent < 100 ? `a new version for ${percent} of 100 requests` : "the Worker");
  const version = percent < 100 ? await deployPart(rollout, percent, previous!) : await deployWhole(rollout);
  step(`smoke check of ${target.origin}`);
  const fault = await smokeCheck({ ...smoke, origin: target.origin, apiKey });
  if (fault !== null)
    throw new Error(`The deployed ${environment} is not well: ${fault}.\n${wayBack(environment, previous)}`);
  log(`\n${environment} runs commit ${commit.slice(0, 12)}, and answers as it should.`);
  if (version) log(nextStep(environment, version, previous!));
}

/** The commit that is deployed. */
async function refuseUnready(root: string, { name, origin, lacking }: Target): Promise<string> {
  if (lacking.length > 0)
    throw new Refused(`wrangler.toml is not filled in for ${name}:\n  ${lacking.join("\n  ")}`);
  if (!URL.canParse(origin)) throw new Refused(`env.${name}.vars.EDGE_ORIGIN is not an address.`);
  const git = (...args: string[]) => runCommand("git", args, { root, quiet: true });
  const changed = (await git("status", "--porcelain")).trim();
  if (changed !== "") throw new Refused(`There are changes that no commit has:\n${changed}`);
  return (await git("rev-parse", "HEAD")).trim();
}

function wayBack(environment: EnvironmentName, previous: string | null): string {
  if (previous === null) return "There is no version before it to go back to.";
  return (
    `Go back with: npx wrangler versions deploy ${previous}@100 --env=${environment} --yes\n` +
    "(migrations stay: each one leaves the version before it working)"
  );
}

const nextStep = (environment: EnvironmentName, version: string, previous: string) =>
  `When its figures are good: npx wrangler versions deploy ${version}@100 --env=${environment} --yes
When they are not:         npx wrangler versions deploy ${previous}@100 --env=${environment} --yes`;
