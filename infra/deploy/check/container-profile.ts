// The containers' seccomp profile, tried without a container engine: the backend is started under it, as user 1000
// without capabilities, and must be ready with its box around ffmpeg.

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble, give, ifEqual, load } from "@twinframe/gpu-backend/media/sandbox/bpf";
import { execa } from "execa";
import { choosePort } from "../../local/services/ports.ts";

const PROFILE = "infra/docker/seccomp.json";
/** Where the C library's headers number the system calls of x86_64. */
const HEADER = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
const START_MS = 60_000;
const ALLOW = 0x7fff0000;
const fail = (errno: number) => 0x00050000 | errno;

interface Profile {
  defaultErrnoRet: number;
  syscalls: { names: string[]; action: "SCMP_ACT_ALLOW" }[];
}

/** Why it cannot be tried here; null when it can. */
export function whyNoProfile(): string | null {
  if (process.arch !== "x64" || !existsSync(HEADER)) return `there is no ${HEADER}`;
  return ["/usr/bin/bwrap", "/bin/bwrap"].some((file) => existsSync(file)) ? null : "bubblewrap is missing";
}

function programOf({ defaultErrnoRet, syscalls }: Profile): Buffer {
  const numbers = new Map(
    [...readFileSync(HEADER, "utf8").matchAll(/#define __NR_(\w+) (\d+)/g)].map(([, name, number]) => [
      name,
      Number(number),
    ]),
  );
  // The number is the first field of what a filter is asked about.
  const rules = syscalls.flatMap(({ names }) =>
    names.flatMap((name) => (numbers.has(name) ? [ifEqual(numbers.get(name)!, 0, 1), give(ALLOW)] : [])),
  );
  return assemble([load(0), ...rules, give(fail(defaultErrnoRet))]);
}

/** Throws with what the backend logged. */
export async function startUnderProfile(root: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-profile-"));
  const program = programOf(JSON.parse(readFileSync(join(root, PROFILE), "utf8")));
  const port = await choosePort();
  const asContainer = [
    "--dev-bind",
    "/",
    "/",
    "--unshare-user",
    "--uid",
    "1000",
    "--gid",
    "1000",
    "--die-with-parent",
  ];
  const server = [process.execPath, join(root, "gpu-backend/src/server.ts")];
  const child = execa("bwrap", [...asContainer, "--seccomp", "3", "--", ...server], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      TWINFRAME_BACKEND_PORT: String(port),
      TWINFRAME_BACKEND_STATE: join(folder, "state"),
      TWINFRAME_SIGNING_SECRET: crypto.randomUUID(),
      TWINFRAME_MEDIA_SANDBOX: "required",
    },
    extendEnv: false,
    stdio: ["ignore", "pipe", "pipe", program],
    all: true,
    reject: false,
  });
  let ended = false;
  void child.finally(() => {
    ended = true;
  });
  try {
    const until = Date.now() + START_MS;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).then(
        (response) => response.json() as Promise<{ ready?: boolean; media_sandbox?: { level?: string } }>,
        () => null,
      );
      if (answer?.ready && answer.media_sandbox?.level === "bubblewrap") return;
      if (ended || Date.now() > until) {
        child.kill("SIGKILL");
        throw new Error(`the backend did not become ready under ${PROFILE}:\n${(await child).all}`);
      }
    }
  } finally {
    child.kill("SIGKILL");
    await child;
    await rm(folder, { recursive: true, force: true });
  }
}
