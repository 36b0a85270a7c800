// `npm start`: runs both services on this machine until Ctrl-C or SIGTERM.

import { join } from "node:path";
import { answersWith } from "./services/answers.ts";
import { keepRunning } from "./services/keep-running.ts";
import { readStartSettings, type StartSettings } from "./services/start-settings.ts";
import { onStopSignal } from "./services/stop-signals.ts";
import { PortUnavailable, type Services, StartGivenUp, startServices } from "./services.ts";

const stopping = new AbortController();
let services: Services | undefined;

onStopSignal(
  () => {
    console.log("\nStopping …");
    stopping.abort();
  },
  () => {
    console.log("Killing both services.");
    void Promise.all([services?.edge.kill(), services?.backend.kill()]).finally(() => process.exit(1));
  },
);

try {
  process.exitCode = await run(readStartSettings(process.env));
} catch (error) {
  if (!(error instanceof StartGivenUp)) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

/** Runs both until they are to stop, or one cannot be kept running; the exit code. */
async function run(settings: StartSettings): Promise<number> {
  const { signal } = stopping;
  const { stateDir, edgePort, backendPort, apiKey, edgeVars } = settings;
  services = await startServices({
    stateDir,
    edgePort,
    backendPort,
    apiKey,
    signal,
    extraEdgeVars: edgeVars,
    log: console.log,
  }).catch((error) => {
    throw error instanceof PortUnavailable ? new Error(whichVariable(error, settings)) : error;
  });
  tell(services);

  const watch = ({ edge, backend, edgeUrl, backendUrl }: Services) =>
    (
      [
        [edge, edgeUrl],
        [backend, backendUrl],
      ] as const
    ).map(([service, url]) =>
      keepRunning(service, {
        answers: () => answersWith(`${url}/livez`, () => true),
        log: console.error,
        signal,
      }),
    );
  const outcome = await Promise.race(watch(services));
  // Also ends the watch over the other one.
  stopping.abort();
  await services.stop();
  console.log("Both services are stopped.");
  return outcome === "given up" ? 1 : 0;
}

function tell({ edgeUrl, backendUrl, apiKey, stateDir }: Services): void {
  console.log(`
Twinframe runs. Ctrl-C stops it.

  edge     ${edgeUrl}
  backend  ${backendUrl}
  API key  ${apiKey}
  state    ${stateDir}
  logs     ${join(stateDir, "logs")}

Is video.mp4 a copy of one in the library?

  curl -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: video/mp4' --data-binary @video.mp4 ${edgeUrl}/v1/checks
`);
}

function whichVariable({ port, code }: PortUnavailable, { edgePort }: StartSettings): string {
  const name = port === edgePort ? "TWINFRAME_EDGE_PORT" : "TWINFRAME_BACKEND_PORT";
  const why = code === "EADDRINUSE" ? "is already in use" : `cannot be used (${code})`;
  return `Port ${port} ${why}: set ${name} to a free one, e.g. ${name}=${port + 1000} npm start`;
}
