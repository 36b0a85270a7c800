// The settings of `npm start`, from the environment.

export interface StartSettings {
  stateDir: string;
  edgePort: number;
  backendPort: number;
  apiKey: string | undefined;
  edgeVars: Record<string, string>;
}

// The Worker does not see our environment; these of its settings are handed on. The backend sees all of it.
const EDGE_SETTING =
  /^(?:INTAKE_\w+|WEBHOOK_\w+|KEEP_ORIGINALS|S3_ALLOWED_BUCKETS|BACKEND_TIMEOUT_MS|QUOTA_\w+|CORS_ORIGINS|METRICS_TOKEN|OTEL_EXPORTER_OTLP_(?:ENDPOINT|HEADERS)|OTEL_TRACES_SAMPLER_ARG)$/;

export function readStartSettings(env: NodeJS.ProcessEnv): StartSettings {
  const edgePort = port(env, "TWINFRAME_EDGE_PORT", 8787);
  const backendPort = port(env, "TWINFRAME_BACKEND_PORT", 8080);
  if (edgePort === backendPort && edgePort !== 0) {
    throw new Error(
      `TWINFRAME_EDGE_PORT and TWINFRAME_BACKEND_PORT are both ${edgePort}: give two different ports.`,
    );
  }
  return {
    stateDir: env.TWINFRAME_STATE || "./.twinframe",
    edgePort,
    backendPort,
    apiKey: env.TWINFRAME_API_KEY || undefined,
    edgeVars: Object.fromEntries(
      Object.entries(env).filter(
        (entry): entry is [string, string] => EDGE_SETTING.test(entry[0]) && !!entry[1],
      ),
    ),
  };
}

function port(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new Error(`${name} is "${text}": give a port from 1 to 65535, or 0 for any free one.`);
}
