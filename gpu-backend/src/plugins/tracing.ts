// Traces, where a collector is configured. The libraries are loaded only then.

import type { Tracing } from "./export-spans.ts";

export type { Tracing } from "./export-spans.ts";

export interface TracingSettings {
  /** The collector's base address; null or absent: no traces. */
  endpoint: string | undefined;
  serviceName: string;
}

export async function startTracing(settings: TracingSettings): Promise<Tracing | undefined> {
  const { endpoint, serviceName } = settings;
  if (endpoint === undefined) return undefined;
  const { exportSpans } = await import("./export-spans.ts");
  return exportSpans(endpoint, serviceName);
}
