// A deployment for real, but for wrangler, which is a program that writes down how it was called, and the
// Worker, which is a server on this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CommandFailed } from "./command.ts";
import { type Deployment, deploy, Refused } from "./deployment.ts";

const base = mkdtempSync(join(tmpdir(), "twinframe-deploy-test-"));
afterAll(() => rmSync(base, { recursive: true }));

const repository = join(import.meta.dirname, "../..");
const OLD = "0ld00000-0000-4000-8000-000000000000";
const NEW = "new00000-0000-4000-8000-000000000000";

const FAKE_WRANGLER = `#!/bin/sh
echo "$*" >> "$(dirname "$0")/../../calls.log"
case "$*" in
  *"FAILING"*) exit 1 ;;
esac
case "$*" in
  deployments*) echo '{"versions":[{"version_id":"${OLD}","percentage":100}]}' ;;
  "versions upload"*) echo '{"type":"version-upload","version_id":"${NEW}"}' > "$WRANGLER_OUTPUT_FILE_PATH" ;;
esac
exit 0
`;

async function worker(answers: { readyz?: number } = {}): Promise<string> {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === "Bearer tf_smoke";
    const [status, body] =
      request.url === "/v1/checks"
        ? isKnown
          ? [422, { code: "content_unknown" }]
          : [401, { code: "invalid_api_key" }]
        : [request.url === "/readyz" ? (answers.readyz ?? 200) : 200, {}];
    response.writeHead(status as number, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const FILLED: [RegExp, string][] = [
  [/"0{8}-[0-]+"/g, '"11111111-2222-4333-8444-555555555555"'],
  [/"0{32}"/g, `"${"a".repeat(32)}"`],
  [/example\.com/g, "twinframe.test"],
];

interface Faults {
  scripts?: Record<string, string>;
  /** Calls of wrangler with this in them fail. */
  failing?: string;
}

/** A committed tree with this repository's wrangler.toml, filled in for `origin` unless that is null. */
async function checkout(origin: string | null, faults: Faults = {}) {
  const root = mkdtempSync(join(base, "checkout-"));
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  const fake = join(root, "node_modules/.bin/wrangler");
  writeFileSync(fake, FAKE_WRANGLER.replace("FAILING", faults.failing || "no such call"));
  chmodSync(fake, 0o755);
  let toml = readFileSync(join(repository, "wrangler.toml"), "utf8");
  if (origin !== null) {
    for (const [placeholder, value] of FILLED) toml = toml.replaceAll(placeholder, value);
    toml = toml.replaceAll(/EDGE_ORIGIN = ".*"/g, `EDGE_ORIGIN = "${origin}"`);
  }
  writeFileSync(join(root, "wrangler.toml"), toml);
  const checks = { types: "true", lint: "true", ...faults.scripts };
  writeFileSync(join(root, "package.json"), JSON.stringify({ scripts: checks }));
  writeFileSync(join(root, ".gitignore"), "node_modules\ncalls.log\n");
  const author = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...author, "commit", "-qm", "all"],
  ]) {
    const [code] = await once(spawn("git", args, { cwd: root, stdio: "ignore" }), "close");
    expect(code).toBe(0);
  }
  return root;
}

async function run(root: string, options: Partial<Deployment> = {}, apiKey: string | undefined = "tf_smoke") {
  const lines: string[] = [];
  const failure: Error | null = await deploy({
    root,
    environment: "production",
    percent: 100,
    tests: false,
    smoke: { apiKey, tries: 1, pauseMs: 0 },
    log: (line) => lines.push(line),
    ...options,
  }).then(
    () => null,
    (error) => error,
  );
  const log = join(root, "calls.log");
  const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  return { failure, told: failure?.message ?? lines.join("\n"), calls };
}

const commands = (calls: string[]) =>
  calls.map((call) => call.replaceAll(/ --(?:tag|message)=(?:commit )?\S+/g, ""));
const STATUS = "deployments status --json --env=production";
const DRY_RUN = "deploy --env=production --dry-run";
const MIGRATIONS = "d1 migrations apply DB --env=production --remote";

test("a deployment checks, migrates, deploys and runs the smoke test", async () => {
  const { failure, told, calls } = await run(await checkout(await worker()));
  expect(failure).toBeNull();
  expect(told).toContain("answers as it should");
  expect(commands(calls)).toEqual([STATUS, DRY_RUN, MIGRATIONS, "deploy --env=production --strict"]);
});

test("a gradual deployment gives the new version its percentage, and prints the commands for the rest and the rollback", async () => {
  const { failure, told, calls } = await run(await checkout(await worker()), { percent: 10 });
  expect(failure).toBeNull();
  expect(commands(calls).slice(3)).toEqual([
    "versions upload --env=production",
    `versions deploy ${NEW}@10 ${OLD}@90 --env=production --yes`,
  ]);
  for (const version of [NEW, OLD]) expect(told).toContain(`versions deploy ${version}@100`);
});

test("a deployment whose /readyz answers 503 fails and prints the rollback command", async () => {
  const { failure, told } = await run(await checkout(await worker({ readyz: 503 })));
  expect(failure).not.toBeInstanceOf(Refused);
  expect(told).toContain("/readyz answers 503");
  expect(told).toContain(`versions deploy ${OLD}@100 --env=production`);
});

test("a smoke key that the environment does not know fails the deployment", async () => {
  const { told } = await run(await checkout(await worker()), { environment: "staging" }, "tf_other");
  expect(told).toContain("a check by hash answers 401 invalid_api_key");
});

test.each([
  ["a check that fails", { lint: "false" }, "", [STATUS]],
  ["a migration that fails", {}, "migrations", [STATUS, DRY_RUN, MIGRATIONS]],
])("after %s nothing is deployed", async (_what, scripts, failing, expected) => {
  const { failure, calls } = await run(await checkout(await worker(), { scripts, failing }));
  expect(failure).toBeInstanceOf(CommandFailed);
  expect(commands(calls)).toEqual(expected);
});

test("placeholders, plain http, a missing smoke key and uncommitted files are refused before wrangler is called", async () => {
  const raw = await run(await checkout(null), { environment: "staging" });
  for (const gap of ["D1 database DB has no id", "KV namespace VERDICTS", "BACKEND_URL is still", "routes"])
    expect(raw.told).toContain(gap);
  const plain = await checkout(await worker());
  const toml = join(plain, "wrangler.toml");
  writeFileSync(
    toml,
    readFileSync(toml, "utf8").replaceAll(/BACKEND_URL = "https:/g, 'BACKEND_URL = "http:'),
  );
  expect((await run(plain)).told).toContain("BACKEND_URL is plain http");
  const root = await checkout(await worker());
  const keyless = await run(root, {}, "");
  expect(keyless.told).toContain("TWINFRAME_SMOKE_KEY");
  cpSync(join(root, "package.json"), join(root, "new-file.json"));
  const dirty = await run(root);
  expect(dirty.told).toContain("?? new-file.json");
  for (const { failure, calls } of [raw, keyless, dirty])
    expect([failure, calls]).toEqual([expect.any(Refused), []]);
});
