// `npm run key -- --tenant T --scopes a,b [--name N] [--expires 2027-01-31] [--remote ENV]`: makes an API key. For the
// state folder of `npm start` it is put into the database; with --remote the command that does so is printed, for
// that environment of wrangler.toml.

import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { issueApiKey } from "@twinframe/shared/api-key";
import { execa } from "execa";
import { childEnvironment } from "./services/child-environment.ts";
import { edgeStorage, wranglerEnvironment } from "./services/edge-service.ts";
import { type KeyGrant, keyStatements, readGrant } from "./services/key-statements.ts";
import { migrate } from "./services/migrations.ts";
import { readStartSettings } from "./services/start-settings.ts";

const root = resolve(import.meta.dirname, "../..");
const text = { type: "string" } as const;

try {
  const { values } = parseArgs({
    options: { tenant: text, scopes: text, name: text, expires: text, remote: text },
  });
  await make(readGrant(values), values.remote);
} catch (error) {
  console.error((error as Error).message);
  console.error(
    "npm run key -- --tenant default --scopes admin [--name NAME] [--expires DATE] [--remote production]",
  );
  process.exitCode = 1;
}

async function make(grant: KeyGrant, remote: string | undefined): Promise<void> {
  const issued = await issueApiKey();
  const sql = keyStatements(grant, issued, new Date().toISOString());
  if (remote !== undefined) {
    if (!/^[a-z]+$/.test(remote)) throw new Error("--remote takes an environment: staging or production.");
    console.log(
      `The key, which is shown nowhere else:\n\n  ${issued.key}\n\nIt is valid once this has run:\n`,
    );
    console.log(`  npx wrangler d1 execute DB --env ${remote} --remote --command "${sql}"\n`);
    return;
  }
  const stateDir = resolve(readStartSettings(process.env).stateDir);
  await migrate(root, stateDir);
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const where = [
    "--local",
    `--persist-to=${edgeStorage(stateDir)}`,
    `--config=${join(root, "wrangler.toml")}`,
  ];
  await execa(process.execPath, [wrangler, "d1", "execute", "twinframe", ...where, `--command=${sql}`], {
    cwd: root,
    env: childEnvironment(wranglerEnvironment(stateDir)),
    extendEnv: false,
    stdio: ["ignore", "ignore", "inherit"],
  });
  console.log(
    `A key of tenant ${grant.tenant} (${grant.scopes.join(", ")}), shown nowhere else:\n\n  ${issued.key}\n`,
  );
}
