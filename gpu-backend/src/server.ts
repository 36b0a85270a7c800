// Listens until told to stop; then finishes what it can and leaves the rest to the edge's retry.

import { buildApp } from "./app.ts";
import { compose } from "./compose.ts";
import { readConfig } from "./config.ts";
import { startTracing } from "./observe/tracing.ts";

const DRAIN_GRACE_MS = 25_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const composition = await compose(config);
  const tracing = await startTracing(config.tracing);
  const { app, drain } = buildApp(config, composition, tracing);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await drain(DRAIN_GRACE_MS);
    await app.close();
    await composition.close();
    await tracing?.close();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await app.listen({ host: config.host, port: config.port });
}

try {
  await main();
} catch (error) {
  console.error(`the backend cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
