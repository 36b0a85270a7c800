// HAProxy as shipped, in front of servers of a test. The rules are the file's; only where the backends are is filled
// in, since no name server here knows them.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 20_000;

export function isHaproxyInstalled(): boolean {
  try {
    execFileSync("haproxy", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export interface RunningHaproxy {
  url: string;
  port: number;
  stop(): void;
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, "close");
  return port;
}

/** Ready once a server behind it is. `servers`: a port by name. */
export async function startHaproxy(servers: Record<string, number>): Promise<RunningHaproxy> {
  const folder = mkdtempSync(join(tmpdir(), "twinframe-balancer-"));
  const lines = Object.entries(servers).map(([name, port]) => `  server ${name} 127.0.0.1:${port}`);
  const rules = readFileSync(join(import.meta.dirname, "haproxy.cfg"), "utf8");
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, rules.replaceAll(/^ {2}server-template .*$/gm, lines.join("\n")));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn("haproxy", ["-f", file], {
    env: { ...process.env, TWINFRAME_BALANCER_BIND: `127.0.0.1:${port}`, TWINFRAME_BACKENDS: "unused:1" },
    stdio: "ignore",
  });
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + START_MS; child.exitCode === null && Date.now() < deadline; ) {
    if ((await fetch(`${url}/readyz`).catch(() => null))?.status === 200) return { url, port, stop };
    await new Promise((later) => setTimeout(later, 20));
  }
  stop();
  throw new Error(
    child.exitCode === null ? "HAProxy has no server that is ready" : "HAProxy refuses its rules",
  );
}
