// npm run fuzz [-- --cases N --seed N]: schemathesis makes up requests from the API's description and sends them
// to both services, started for this alone. No answer may be a failure of ours, of a status that is not described,
// or of another shape than described. Needs schemathesis (pip install schemathesis); without it, it says so.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { apiDescription } from "./api-description.ts";
import { ApiClient } from "./demo/client.ts";
import { serveFiles } from "./demo/file-server.ts";
import { makeClip } from "./demo/made-clips.ts";
import { withExamples } from "./fuzz/examples.ts";
import { type Services, startServices } from "./services.ts";

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];
const { values } = parseArgs({
  options: { cases: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});
const python = process.env.TWINFRAME_PYTHON || "python3";

async function main(): Promise<number> {
  const { failed } = await execa(python, ["-m", "schemathesis.cli", "--version"], { reject: false });
  if (failed) {
    console.log(
      `schemathesis is not installed: ${python} -m pip install schemathesis (TWINFRAME_PYTHON names another Python)`,
    );
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), "twinframe-fuzz-"));
  const server = await serveFiles();
  let services: Services | undefined;
  try {
    const clip = await makeClip(folder, "test-card", 4);
    services = await startServices({
      stateDir: join(folder, "state"),
      extraEdgeVars: { INTAKE_ALLOWED_HOSTS: server.host },
      log: (line) => console.log(line),
    });
    const client = new ApiClient(services.edgeUrl, services.apiKey);
    const url = server.urlOf(clip);
    await client.addReference("known", url, {});
    const { id } = await client.checkUrl(url);
    const description = join(folder, "openapi.json");
    const known = { url, checkId: id, referenceId: "known" };
    await writeFile(description, JSON.stringify(withExamples(await apiDescription(), known)));
    return await schemathesis(description, services);
  } finally {
    await services?.stop();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function schemathesis(description: string, { edgeUrl, apiKey }: Services): Promise<number> {
  const options = [
    ...["--url", edgeUrl, "--header", `Authorization: Bearer ${apiKey}`, "--checks", CHECKS.join(",")],
    ...["--max-examples", values.cases, "--seed", values.seed, "--workers", "1", "--no-color"],
    ...["--continue-on-failure", "--no-shrink", "--request-timeout", "90", "--generation-database", "none"],
    ...["--suppress-health-check", "all"],
  ];
  const command = ["-m", "schemathesis.cli", "run", description, ...options];
  const { exitCode = 1 } = await execa(python, command, { stdio: "inherit", reject: false });
  return exitCode;
}

process.exitCode = await main();
