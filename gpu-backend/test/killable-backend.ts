// The backend as a process of its own, to be killed in the middle of its work and started again on its folder.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import {
  entryPageSchema,
  type IndexOverview,
  indexOverviewSchema,
  type MaintenanceEvent,
  type MaintenanceRequest,
  maintenanceEventSchema,
  maintenancePath,
} from "@twinframe/shared/contract";
import { signRequest } from "@twinframe/shared/signing";
import { ofInstallation } from "./running-backend.ts";

const SERVER = fileURLToPath(new URL("../src/server.ts", import.meta.url));
const SECRET = "the secret of edge and backend";
const START_TIMEOUT_MS = 30_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

export class KillableBackend {
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;
  #url = "";

  constructor(stateDirectory: string, environment: Record<string, string> = {}) {
    this.#environment = {
      TWINFRAME_SIGNING_SECRET: SECRET,
      TWINFRAME_BACKEND_STATE: stateDirectory,
      TWINFRAME_LOG_LEVEL: "silent",
      ...environment,
    };
  }

  async start(): Promise<void> {
    const port = await freePort();
    this.#url = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, [SERVER], {
      env: { PATH: process.env.PATH, ...this.#environment, TWINFRAME_BACKEND_PORT: String(port) },
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.#process = child;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (child.exitCode === null && Date.now() < deadline) {
      const answer = await fetch(`${this.#url}/livez`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((later) => setTimeout(later, 20));
    }
    throw new Error(`the backend did not start; exit code ${child.exitCode}`);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async send(method: string, asked: string, body?: unknown): Promise<Response> {
    const path = ofInstallation(method, asked);
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers: Record<string, string> = await signRequest(SECRET, { method, path, body: text });
    if (text) headers["content-type"] = "application/json";
    return fetch(this.#url + path, { method, headers, body: text || null });
  }

  /** The status; throws when the backend is gone. */
  async ask(method: string, path: string, body?: unknown): Promise<number> {
    const response = await this.send(method, path, body);
    await response.arrayBuffer();
    return response.status;
  }

  async *maintain(jobId: string, request: MaintenanceRequest): AsyncGenerator<MaintenanceEvent> {
    const { body } = await this.send("PUT", maintenancePath(jobId), request);
    let text = "";
    for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        yield maintenanceEventSchema.parse(JSON.parse(text.slice(0, end)));
        text = text.slice(end + 1);
      }
    }
  }

  /** What it ends with. */
  async outcome(jobId: string, request: MaintenanceRequest): Promise<MaintenanceEvent | undefined> {
    let last: MaintenanceEvent | undefined;
    for await (const event of this.maintain(jobId, request)) last = event;
    return last;
  }

  /** Killed as soon as the work has got anywhere. */
  async killAtProgress(jobId: string, request: MaintenanceRequest): Promise<void> {
    let isKilled = false;
    try {
      for await (const event of this.maintain(jobId, request)) {
        if (isKilled || (event.event === "progress" && event.fraction === 0)) continue;
        isKilled = true;
        await this.kill();
      }
    } catch (error) {
      if (!isKilled) throw error;
    }
  }

  async overview(): Promise<IndexOverview> {
    return indexOverviewSchema.parse(await (await this.send("GET", "/internal/index")).json());
  }

  /** `tenant/library/id` of every reference, in order. */
  async content(generation: string): Promise<string[]> {
    const all: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const path = `/internal/index/entries?generation=${generation}${after ? `&after=${after}` : ""}`;
      const page = entryPageSchema.parse(await (await this.send("GET", path)).json());
      all.push(...page.entries.map(({ tenant, library, id }) => `${tenant}/${library}/${id}`));
      after = page.next;
    }
    return all.sort();
  }
}
