// npm run torture: tries to get in, to get past and to break it, on this machine alone. A table at the end says what
// held; what did not is kept with the command that replays it.

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { withProgress } from "@twinframe/evaluation/progress";
import { campaignOptions } from "./campaign-options.ts";
import { campaignTable } from "./campaign-table.ts";
import { loadPart, partNames } from "./parts.ts";
import { runCampaign } from "./run-campaign.ts";

const root = resolve(import.meta.dirname, "../..");

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

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

try {
  const options = campaignOptions(process.argv.slice(2), partNames());
  const results = await runCampaign(options, {
    load: loadPart,
    folder: resolve(root, ".twinframe/torture"),
    commit: commitOf(root),
    signal: stop.signal,
    // Over the progress line, which is drawn again below.
    log: (line) => process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${line}\n`),
    withProgress,
  });
  console.log(campaignTable(results, options.seed));
  const failed = results.some(({ outcome, records }) => outcome.fault || records.some(({ held }) => !held));
  const cut = stop.signal.aborted;
  process.exitCode = failed || cut ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
