// HAProxy as shipped, in front of servers of a test. The rules are the file's; only where the backends are is filled
// in, since no name server here knows them.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { choosePort } from "../local/services/ports.ts";

const START_MS = 20_000;

export function isHaproxyInstalled(): boolean {
  return !execaSync("haproxy", ["-v"], { stdio: "ignore", reject: false }).failed;
}

export interface RunningHaproxy {
  url: string;
  port: number;
  stop(): void;
}

/** Ready once a server behind it is. `servers`: a port by name. */
export async function startHaproxy(servers: Record<string, number>): Promise<RunningHaproxy> {
  const folder = mkdtempSync(join(tmpdir(), "twinframe-balancer-"));
  const lines = Object.entries(servers).map(([name, port]) => `  server ${name} 127.0.0.1:${port}`);
  const rules = readFileSync(join(import.meta.dirname, "haproxy.cfg"), "utf8");
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, rules.replaceAll(/^ {2}server-template .*$/gm, lines.join("\n")));
  const port = await choosePort();
  const url = `http://127.0.0.1:${port}`;
  const child = execa("haproxy", ["-f", file], {
    env: { TWINFRAME_BALANCER_BIND: `127.0.0.1:${port}`, TWINFRAME_BACKENDS: "unused:1" },
    stdio: "ignore",
    reject: false,
  });
  let ended = false;
  void child.finally(() => {
    ended = true;
  });
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + START_MS; !ended && Date.now() < deadline; ) {
    if ((await fetch(`${url}/readyz`).catch(() => null))?.status === 200) return { url, port, stop };
    await new Promise((later) => setTimeout(later, 20));
  }
  stop();
  throw new Error(ended ? "HAProxy refuses its rules" : "HAProxy has no server that is ready");
}
