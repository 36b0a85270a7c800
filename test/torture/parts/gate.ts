// Nobody gets in. The counts come from the tables of routes: a route that is added is tried without a change here.

import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { clip } from "@twinframe/gpu-backend/testing/clips";
import { type RunningBackend, startBackend } from "@twinframe/gpu-backend/testing/running-backend";
import {
  isHaproxyInstalled,
  type RunningHaproxy,
  startHaproxy,
} from "@twinframe/infra/deploy/running-haproxy";
import { edgeService } from "@twinframe/infra/local/services/edge-service";
import { choosePort } from "@twinframe/infra/local/services/ports";
import { loadSecrets } from "@twinframe/infra/local/services/secrets";
import { type Service, startService } from "@twinframe/infra/local/services/service";
import type { Part, PartContext, RunningPart } from "../part.ts";
import { BackendCases, backendCaseCount, routeCount } from "./gate/backend-cases.ts";
import { edgeCaseCount, runEdgeCase } from "./gate/edge-cases.ts";
import { addEdgeKeys, type EdgeKeys } from "./gate/edge-keys.ts";
import { edgeThings } from "./gate/edge-things.ts";
import { METRICS_TOKEN } from "./gate/route-table.ts";

const root = resolve(import.meta.dirname, "../../..");
const proxied = isHaproxyInstalled() ? backendCaseCount : 0;

class Gate implements RunningPart {
  readonly #cases: BackendCases;
  readonly #backend: RunningBackend;
  readonly #edgePort: number;
  readonly #edge: Service;
  readonly #keys: EdgeKeys;
  readonly #ids: Record<string, string>;
  readonly #haproxy: RunningHaproxy | undefined;

  constructor(parts: {
    backend: RunningBackend;
    edge: Service;
    edgePort: number;
    keys: EdgeKeys;
    ids: Record<string, string>;
    haproxy: RunningHaproxy | undefined;
  }) {
    this.#cases = new BackendCases(parts.backend);
    this.#backend = parts.backend;
    this.#edge = parts.edge;
    this.#edgePort = parts.edgePort;
    this.#keys = parts.keys;
    this.#ids = parts.ids;
    this.#haproxy = parts.haproxy;
  }

  /** In turn directly, through HAProxy and at the edge, as long as each has cases. */
  run(index: number) {
    if (index < edgeCaseCount) return runEdgeCase(index, this.#edgePort, this.#keys, this.#ids);
    const rest = index - edgeCaseCount;
    if (rest < backendCaseCount) return this.#cases.run(rest, this.#backend.port, "directly");
    return this.#cases.run(rest - backendCaseCount, this.#haproxy!.port, "through HAProxy");
  }

  async figures() {
    const { handlers, entries } = await this.#cases.aftermath();
    return { routes: routeCount, "handlers that began": handlers, "entries left of 1": entries };
  }

  async close(): Promise<void> {
    this.#cases.close();
    this.#haproxy?.stop();
    await this.#edge.kill();
    await this.#backend.close();
  }
}

async function open({ folder, log }: PartContext): Promise<RunningPart> {
  // What a run before left is of another backend.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const backend = await startBackend(join(folder, "backend"), { TWINFRAME_METRICS_TOKEN: METRICS_TOKEN });
  const task = { kind: "reference" as const, reference_id: "acme" };
  const there = { task, tenant: "acme", library: "acme" };
  await backend.analyse("job_there", await backend.requestFor(await clip(), there));
  const stateDir = join(folder, "edge-state");
  const secrets = loadSecrets(stateDir);
  const keys = await addEdgeKeys(stateDir);
  const edgePort = await choosePort();
  // The edge's own calls are of no interest here, so its backend may be one that it cannot talk to.
  const limits = ["TENANT", "KEY"].map((whose) => [`QUOTA_${whose}_PER_MINUTE`, "1000000000"]);
  // It is the routes that are tried, not how often.
  const extraVars = { ...Object.fromEntries(limits), AUTH_FAILURES_PER_MINUTE: "1000000000" };
  const edge = await startService(
    edgeService({ root, stateDir, port: edgePort, backendUrl: backend.url, secrets, extraVars }),
  );
  const ids = await edgeThings(`http://127.0.0.1:${edgePort}`, keys.admin);
  const haproxy = proxied > 0 ? await startHaproxy({ backend: backend.port }) : undefined;
  if (haproxy === undefined) log("HAProxy is not installed: the backend is tried directly alone.");
  return new Gate({ backend, edge, edgePort, keys, ids, haproxy });
}

export const part: Part = {
  name: "gate",
  about:
    "every route × spelling × body × credential; failed: a handler of the backend began, or the edge said 2xx",
  cases: edgeCaseCount + backendCaseCount + proxied,
  slice: 1000,
  atOnce: 16,
  open,
};
