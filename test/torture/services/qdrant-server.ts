// A Qdrant server of one part's own, where QDRANT_BIN names its program.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { choosePort } from "@twinframe/infra/local/services/ports";

export interface QdrantServer {
  url: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Again, on the same folder and port. */
  start(): Promise<void>;
}

export async function startQdrant(folder: string): Promise<QdrantServer | null> {
  const program = process.env.QDRANT_BIN ?? "";
  if (program === "") return null;
  await mkdir(folder, { recursive: true });
  const [http, grpc] = [await choosePort(), await choosePort(undefined)];
  const url = `http://127.0.0.1:${http}`;
  let child: ChildProcess | undefined;
  const start = async () => {
    const environment = {
      QDRANT__SERVICE__HOST: "127.0.0.1",
      QDRANT__SERVICE__HTTP_PORT: String(http),
      QDRANT__SERVICE__GRPC_PORT: String(grpc),
      QDRANT__STORAGE__STORAGE_PATH: join(folder, "storage"),
      QDRANT__STORAGE__SNAPSHOTS_PATH: join(folder, "snapshots"),
      QDRANT__TELEMETRY_DISABLED: "true",
    };
    child = spawn(program, {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", ...environment },
      stdio: "ignore",
    });
    while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) {
      if (child.exitCode !== null) throw new Error(`the Qdrant server ended with ${child.exitCode}`);
      await sleep(50);
    }
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  return { url, start, kill };
}
