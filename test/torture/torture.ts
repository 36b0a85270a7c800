// npm run torture: tries to get in, to get past and to break it, on this machine alone. A table at the end says what
// held; what did not is kept with the command that replays it.

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { campaignOptions } from "./campaign-options.ts";
import { campaignTable } from "./campaign-table.ts";
import { loadPart, partNames } from "./parts.ts";
import { runCampaign } from "./run-campaign.ts";

const root = resolve(import.meta.dirname, "../..");
const PROGRESS_EVERY_MS = 10_000;

function commitOf(folder: string): string {
  try {
    return execFileSync("git", ["-C", folder, "rev-parse", "--short", "HEAD"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

/** One line that is written over at a terminal; a log file gets one now and then. */
function progressLine(): (line: string) => void {
  if (process.stderr.isTTY) return (line) => process.stderr.write(`\r\x1b[K${line}`);
  let toldMs = Date.now();
  return (line) => {
    if (Date.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = Date.now();
    process.stderr.write(`${line}\n`);
  };
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

try {
  const options = campaignOptions(process.argv.slice(2), partNames());
  const results = await runCampaign(options, {
    load: loadPart,
    folder: resolve(root, ".twinframe/torture"),
    commit: commitOf(root),
    signal: stop.signal,
    log: (line) => process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${line}\n`),
    progress: progressLine(),
  });
  console.log(campaignTable(results, options.seed));
  const failed = results.some(({ outcome, records }) => outcome.fault || records.some(({ held }) => !held));
  const cut = stop.signal.aborted;
  process.exitCode = failed || cut ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
