// Puts a version of the Worker into force: at once, or for a part of the requests first.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import type { EnvironmentName } from "./target.ts";

export interface Rollout {
  root: string;
  environment: EnvironmentName;
  /** The commit, which the version is tagged with. */
  commit: string;
}

const wranglerOf = (root: string) => join(root, "node_modules/.bin/wrangler");
/** Asks nothing, sends no usage figures. */
const QUIETLY = { CI: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };

export function wrangler(root: string, args: string[], options: { quiet?: boolean; output?: string } = {}) {
  const env = options.output ? { ...QUIETLY, WRANGLER_OUTPUT_FILE_PATH: options.output } : QUIETLY;
  return runCommand(wranglerOf(root), args, { root, env, quiet: options.quiet === true });
}

/** The version that answers most requests now; null before the first deployment. */
export async function versionInForce({ root, environment }: Rollout): Promise<string | null> {
  const json = await wrangler(root, ["deployments", "status", "--json", `--env=${environment}`], {
    quiet: true,
  }).catch(() => "{}");
  const { versions = [] } = JSON.parse(json) as { versions?: { version_id: string; percentage: number }[] };
  return versions.toSorted((a, b) => b.percentage - a.percentage)[0]?.version_id ?? null;
}

export async function deployWhole({ root, environment, commit }: Rollout): Promise<void> {
  const about = [`--tag=${commit.slice(0, 12)}`, `--message=commit ${commit}`];
  await wrangler(root, ["deploy", `--env=${environment}`, "--strict", ...about]);
}

/** Uploads a version and gives it `percent` of the requests; the rest stay with `previous`. */
export async function deployPart(rollout: Rollout, percent: number, previous: string): Promise<string> {
  const { root, environment, commit } = rollout;
  const folder = await mkdtemp(join(tmpdir(), "twinframe-deploy-"));
  try {
    const output = join(folder, "wrangler.ndjson");
    const about = [`--tag=${commit.slice(0, 12)}`, `--message=commit ${commit}`];
    await wrangler(root, ["versions", "upload", `--env=${environment}`, ...about], { output });
    const lines = (await readFile(output, "utf8")).trim().split("\n");
    const uploaded = lines.map((line) => JSON.parse(line)).find(({ type }) => type === "version-upload");
    const version = uploaded?.version_id as string | undefined;
    if (version === undefined) throw new Error("wrangler did not say which version it has uploaded");
    await deployVersions(rollout, [`${version}@${percent}`, `${previous}@${100 - percent}`]);
    return version;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function deployVersions({ root, environment }: Rollout, versions: string[]): Promise<void> {
  await wrangler(root, ["versions", "deploy", ...versions, `--env=${environment}`, "--yes"]);
}
