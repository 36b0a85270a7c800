// Starts both services on this machine, for `npm start`, the demo, the end-to-end tests and the benchmarks.

import { resolve } from "node:path";
import { backendService } from "./services/backend-service.ts";
import { edgeService } from "./services/edge-service.ts";
import { startTimer } from "./services/edge-timer.ts";
import { migrate } from "./services/migrations.ts";
import { type Network, type OutboundProxy, startOutboundProxy } from "./services/outbound-proxy.ts";
import { choosePort } from "./services/ports.ts";
import { loadSecrets } from "./services/secrets.ts";
import { type Service, startService } from "./services/service.ts";
import { lockState } from "./services/state-lock.ts";

export { PortUnavailable } from "./services/ports.ts";
export type { Service } from "./services/service.ts";
export { StartGivenUp } from "./services/service-run.ts";

export interface ServicesOptions {
  /** Everything that is kept lies here; made when it is missing. */
  stateDir: string;
  /** A free port when it is 0 or left out. */
  edgePort?: number | undefined;
  backendPort?: number | undefined;
  /** Takes the place of the key that the state folder has. */
  apiKey?: string | undefined;
  /** More settings of the Worker, such as INTAKE_ALLOWED_HOSTS. */
  extraEdgeVars?: Record<string, string>;
  extraBackendEnv?: Record<string, string>;
  /** In the place of this machine's resolver and network, for what users name: tests. */
  network?: Network;
  /** The checkout whose services to start, where it is not this one. */
  root?: string;
  /** Gives up a start that is under way: it then fails with `StartGivenUp`, and nothing is left running. */
  signal?: AbortSignal;
  /** Told what is being done, a line at a time. */
  log?: (line: string) => void;
}

export interface Services {
  edgeUrl: string;
  backendUrl: string;
  apiKey: string;
  stateDir: string;
  edge: Service;
  backend: Service;
  /** Stops both, the edge first, and gives the state folder back. May be called twice. */
  stop(): Promise<void>;
}

const thisCheckout = resolve(import.meta.dirname, "../..");

export async function startServices(options: ServicesOptions): Promise<Services> {
  const stateDir = resolve(options.stateDir);
  const release = await lockState(stateDir);
  let proxy: OutboundProxy | undefined;
  try {
    proxy = await startOutboundProxy(options.network);
    const outbound = proxy;
    const { edge, backend, ...about } = await startBoth(options, stateDir, outbound.url);
    const stopTimer = startTimer(about.edgeUrl);
    const stop = async () => {
      stopTimer();
      try {
        // First the one that takes requests, so that none of them meets a backend that is gone.
        await edge.stop();
        await backend.stop();
      } finally {
        outbound.close();
        release();
      }
    };
    return { ...about, stateDir, edge, backend, stop };
  } catch (error) {
    proxy?.close();
    release();
    throw error;
  }
}

async function startBoth(options: ServicesOptions, stateDir: string, outboundProxyUrl: string) {
  const { root = thisCheckout, log = () => {} } = options;
  const secrets = loadSecrets(stateDir, options.apiKey);
  const edgePort = await choosePort(options.edgePort);
  const backendPort = await choosePort(options.backendPort);
  const edgeUrl = `http://127.0.0.1:${edgePort}`;
  const backendUrl = `http://127.0.0.1:${backendPort}`;

  const begun = Date.now();
  const told = (what: string) => log(`${what} after ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
  const common = { root, stateDir };
  const startEdge = async (signal: AbortSignal) => {
    await migrate(root, stateDir);
    const extraVars = { OUTBOUND_PROXY_URL: outboundProxyUrl, ...options.extraEdgeVars };
    const service = await startService(
      edgeService({ ...common, port: edgePort, backendUrl, secrets, extraVars, signal }),
    );
    told("The edge answers");
    return service;
  };
  const startBackend = async (signal: AbortSignal) => {
    const extraEnv = options.extraBackendEnv ?? {};
    const { signingSecret } = secrets;
    const service = await startService(
      backendService({ ...common, port: backendPort, edgeOrigin: edgeUrl, signingSecret, extraEnv, signal }),
    );
    told("The backend is ready");
    return service;
  };
  log("Starting the backend and the edge …");
  const [edge, backend] = await bothOrNone(startEdge, startBackend, options.signal);
  return { edgeUrl, backendUrl, apiKey: secrets.apiKey, edge, backend };
}

type Start = (signal: AbortSignal) => Promise<Service>;

/** Starts both at once. When one does not start, the other is stopped before the error is told. */
async function bothOrNone(first: Start, second: Start, signal?: AbortSignal): Promise<[Service, Service]> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const started: Service[] = [];
  const begin = async (start: Start) => {
    try {
      const service = await start(either);
      started.push(service);
      return service;
    } catch (error) {
      // Of two errors the first is the cause.
      if (!failure.signal.aborted) failure.abort(error);
      throw error;
    }
  };
  const [one, other] = await Promise.allSettled([begin(first), begin(second)]);
  if (one.status === "fulfilled" && other.status === "fulfilled") return [one.value, other.value];
  for (const service of started) await service.stop();
  throw failure.signal.reason;
}
