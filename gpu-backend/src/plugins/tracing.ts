// Traces, where a collector is configured. The libraries are loaded only then.

import type { OnWorkEnded } from "../work/watch.ts";

export interface TracingSettings {
  /** The collector's base address; null or absent: no traces. */
  endpoint: string | undefined;
  serviceName: string;
}

export interface Tracing {
  ended: OnWorkEnded;
  /** Sends what waits, and gives up soon. */
  close(): Promise<void>;
}

export async function startTracing(settings: TracingSettings): Promise<Tracing | undefined> {
  const { endpoint, serviceName } = settings;
  if (endpoint === undefined) return undefined;
  const { exportSpans } = await import("./export-spans.ts");
  return exportSpans(endpoint, serviceName);
}
