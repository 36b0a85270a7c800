// `npm run check:deploy`: what of the deployment can be checked without a container engine or an account.
//   -- --quick   leaves out what takes long: the Worker's builds, which the tests do, and the images' trees

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { startUnderProfile, whyNoProfile } from "./check/container-profile.ts";
import { startAsImage } from "./check/image-start.ts";
import { unpinnedImages, unpinnedInDockerfile } from "./check/pins.ts";
import { pythonTools } from "./check/python-tools.ts";
import { ENVIRONMENTS } from "./target.ts";

const root = resolve(import.meta.dirname, "../..");
const isQuick = process.argv.includes("--quick");
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Profiles of docker-compose.yml as they are used together. */
const PROFILES = [
  ["cpu"],
  ["gpu"],
  ["cpu", "qdrant"],
  ["gpu", "qdrant", "tunnel"],
  ["fleet"],
  ["fleet", "tunnel"],
];
/** Two backends on one folder. */
const REFUSED = ["cpu", "gpu"];
const DOCKERFILES = readdirSync(join(root, "infra/docker"))
  .filter((name) => name.endsWith(".Dockerfile"))
  .map((name) => `infra/docker/${name}`);

const MANIFESTS = readdirSync(join(root, "infra/deploy/kubernetes"))
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => `infra/deploy/kubernetes/${name}`);
const faultless = async (faults: string[]) => {
  if (faults.length > 0) throw new Error(faults.join("\n"));
};
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
for (const file of DOCKERFILES)
  await check(`versions in ${file}`, () => faultless(unpinnedInDockerfile(textOf(file))));
for (const file of ["docker-compose.yml", "infra/qdrant/docker-compose.yml", ...MANIFESTS])
  await check(`images of ${file}`, () => faultless(unpinnedImages(textOf(file))));

const whyNot = whyNoProfile();
if (whyNot === null)
  await check("the backend and its box under infra/docker/seccomp.json", () => startUnderProfile(root));
else skip("infra/docker/seccomp.json", whyNot);

const tools = await pythonTools(root);
await withTools("compose", async (bin) => {
  const composed = (profiles: string[]) => {
    const chosen = profiles.flatMap((profile) => ["--profile", profile]);
    return execa(join(bin, "docker-compose"), [...chosen, "config", "--quiet"], { cwd: root });
  };
  for (const profiles of PROFILES)
    await check(`docker-compose.yml, ${profiles.join(" + ")}`, () => composed(profiles));
  await check(`docker-compose.yml, ${REFUSED.join(" + ")} is refused`, async () => {
    const told = await composed(REFUSED).catch((error: Error) => error.message);
    if (typeof told !== "string" || !told.includes("already in use")) throw new Error("it was not refused");
  });
});
await withTools("hadolint", async (bin) => {
  for (const file of DOCKERFILES)
    await check(`hadolint ${file}`, () => execa(join(bin, "hadolint"), ["--no-color", file], { cwd: root }));
});
await withTools("kubernetes", async (bin) => {
  const folder = join(root, "infra/deploy/kubernetes");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml")))
    await check(`kubernetes/${file}`, () =>
      execa(join(bin, "kubernetes-validate"), ["--strict", "-k", "1.34", join(folder, file)], { cwd: root }),
    );
});
const env = { TWINFRAME_BACKENDS: "127.0.0.1:1", TWINFRAME_BALANCER_BIND: "127.0.0.1:1" };
if (await exists("haproxy", "-v"))
  await check("haproxy.cfg", () =>
    execa("haproxy", ["-c", "-f", join(root, "infra/deploy/haproxy.cfg")], { env }),
  );
else skip("haproxy.cfg", "haproxy is not on the PATH");
for (const name of ENVIRONMENTS)
  if (isQuick) skip(`wrangler.toml, ${name}`, "the tests build it");
  else
    await check(`wrangler.toml, ${name}`, () =>
      execa(join(root, "node_modules/.bin/wrangler"), ["deploy", "--dry-run", `--env=${name}`], {
        cwd: root,
        env: { CI: "true", WRANGLER_SEND_METRICS: "false" },
      }),
    );
for (const file of DOCKERFILES)
  if (isQuick) skip(`the tree of ${file}`, "--quick");
  else
    await check(`the tree of ${file} installs, starts, is ready and stops`, () => startAsImage(root, file));

const { passed, failed, skipped } = counts;
console.log(`Deployment: ${passed} checks passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;

async function check(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    counts.passed++;
    console.log(`  ok       ${what}`);
  } catch (error) {
    counts.failed++;
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    console.log(`  FAILED   ${what}\n${(stdout + stderr).trim() || message}`);
  }
}

function skip(what: string, why: string): void {
  counts.skipped++;
  console.log(`  skipped  ${what}: ${why}`);
}

async function withTools(what: string, work: (bin: string) => Promise<void>): Promise<void> {
  if (tools === null) skip(what, "its tool could not be installed from PyPI");
  else await work(tools);
}

async function exists(command: string, ...args: string[]): Promise<boolean> {
  return !(await execa(command, args, { reject: false })).failed;
}
