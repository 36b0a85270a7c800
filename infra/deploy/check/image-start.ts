// As much of an image as can be proven without a container engine: a folder that holds only what the Dockerfile
// copies, its own `npm ci` in it, its own command started there, its own health check asked.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { choosePort } from "../../local/services/ports.ts";
import { runCommand } from "../command.ts";
import { copyContext } from "./build-context.ts";
import { readDockerfile } from "./dockerfile.ts";

const START_MS = 60_000;

/** Throws with what went wrong. */
export async function startAsImage(root: string, dockerfile: string): Promise<void> {
  const image = readDockerfile(join(root, dockerfile));
  const folder = await mkdtemp(join(tmpdir(), "twinframe-image-"));
  try {
    copyContext(root, image, folder);
    const install = image.runs.find((line) => line.startsWith("npm ci"));
    if (install === undefined) throw new Error(`${dockerfile} has no line that begins with npm ci`);
    await runCommand("sh", ["-c", install], { root: folder, quiet: true });
    await startAndAsk(folder, image);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startAndAsk(folder: string, { env, command, healthCheck }: ReturnType<typeof readDockerfile>) {
  const port = await choosePort();
  const child = execa(process.execPath, command.slice(1), {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      ...env,
      // Where this machine differs from the image.
      TWINFRAME_BACKEND_HOST: "127.0.0.1",
      TWINFRAME_BACKEND_PORT: String(port),
      TWINFRAME_BACKEND_STATE: join(folder, "state"),
      TWINFRAME_DRAIN_NOTICE_MS: "0",
      TWINFRAME_SIGNING_SECRET: crypto.randomUUID(),
    },
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  let ended = false;
  void child.finally(() => {
    ended = true;
  });
  try {
    const until = Date.now() + START_MS;
    const ask = healthCheck.slice(1).map((word) => word.replace(":8080/", `:${port}/`));
    for (;;) {
      const isWell = await runCommand(process.execPath, ask, { root: folder, quiet: true }).then(
        () => true,
        () => false,
      );
      if (isWell) break;
      if (ended || Date.now() > until) {
        child.kill("SIGKILL");
        throw new Error(`it did not become ready:\n${(await child).all}`);
      }
    }
    child.kill("SIGTERM");
    const { exitCode, all } = await child;
    if (exitCode !== 0) throw new Error(`it ended with ${exitCode} on SIGTERM:\n${all}`);
  } finally {
    child.kill("SIGKILL");
  }
}
