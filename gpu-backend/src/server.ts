// Listens until told to stop; then says so, finishes what it can within the grace and hands the rest back.

import { setTimeout as pause } from "node:timers/promises";
import { withoutAddresses } from "@twinframe/shared/without-addresses";
import { buildApp } from "./app.ts";
import { compose } from "./compose.ts";
import { readConfig } from "./config.ts";
import { closeInheritedDescriptors } from "./media/index.ts";
import { startTracing } from "./plugins/tracing.ts";
import { readSecretFiles } from "./secret-files.ts";

/** For what was handed back to stop, and for closing. */
const CLOSE_MS = 4_000;

async function main(): Promise<void> {
  closeInheritedDescriptors();
  readSecretFiles(process.env);
  const config = readConfig(process.env);
  const composition = await compose(config);
  const tracing = await startTracing(config.tracing);
  const { app, drain } = buildApp(config, composition, tracing);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    const { graceMs, noticeMs } = config.drain;
    setTimeout(() => {
      app.log.error("the shutdown took too long and was cut short");
      process.exit(1);
    }, Math.max(graceMs, noticeMs) + CLOSE_MS).unref();
    await Promise.all([drain(graceMs), pause(noticeMs)]);
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
  const why = withoutAddresses(error instanceof Error ? error.message : String(error));
  // biome-ignore lint/suspicious/noConsole: there is no log yet
  console.error(`the backend cannot start: ${why}`);
  process.exit(1);
}
