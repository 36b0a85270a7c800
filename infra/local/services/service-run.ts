// One life of a service's process: from its start to its end.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { childEnvironment } from "./child-environment.ts";
import { groupMembers, signalGroup } from "./process-group.ts";
import { logTail, openLog } from "./service-log.ts";

export interface ServiceDefinition {
  name: "edge" | "backend";
  /** Arguments to Node: a script and its own arguments. Never a secret: every user of the machine sees them. */
  args: string[];
  env: Record<string, string>;
  cwd: string;
  logFile: string;
  /** Whether the service serves. It may throw while nobody listens yet. */
  isReady: () => Promise<boolean>;
  readyWithinMs: number;
  /** Done at every start as soon as it serves. */
  whenReady?: () => Promise<void>;
  /** How long it may take to finish what it is doing. */
  drainMs: number;
  /** Gives up a start that is under way. */
  signal?: AbortSignal | undefined;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It ended because `stop`, `kill` or `restart` was called. */
  wanted: boolean;
}

export interface Run {
  child: ChildProcess;
  pid: number;
  logStart: number;
  ended: Promise<Ending>;
  ending: Ending | undefined;
  wanted: boolean;
  /** Nothing is left of its group: from now on the system may give that number to somebody else. */
  gone: boolean;
}

const POLL_MS = 25;
const tie = new URL("./tied-to-parent.mjs", import.meta.url).href;

export async function startRun(definition: ServiceDefinition): Promise<Run> {
  const log = openLog(definition.logFile);
  const child = spawn(process.execPath, ["--import", tie, ...definition.args], {
    cwd: definition.cwd,
    env: childEnvironment(definition.env),
    detached: true,
    stdio: ["ignore", log.fd, log.fd, "ipc"],
  });
  closeSync(log.fd);
  // Its reports over the channel (wrangler sends some) are of no use here, and must not keep us alive.
  child.channel?.unref();
  await new Promise((done, failed) => child.once("spawn", done).once("error", failed));
  const run: Run = {
    child,
    pid: child.pid!,
    logStart: log.startsAt,
    ending: undefined,
    wanted: false,
    gone: false,
    ended: new Promise((done) => {
      child.once("exit", (code, signal) => {
        run.ending = { code, signal, wanted: run.wanted };
        done(run.ending);
      });
    }),
  };
  return run;
}

export async function untilReady(
  definition: ServiceDefinition,
  run: Run,
  isGivenUp: () => boolean,
): Promise<void> {
  const { name, logFile } = definition;
  const report = () => `Its last lines (all of them: ${logFile}):\n${logTail(logFile, run.logStart)}`;
  const deadline = Date.now() + definition.readyWithinMs;
  while (Date.now() < deadline) {
    if (isGivenUp()) throw new StartGivenUp(name);
    if (run.ending !== undefined) {
      throw new Error(`The ${name} ended while starting (${describeEnding(run.ending)}). ${report()}`);
    }
    if (await definition.isReady().catch(() => false)) return definition.whenReady?.();
    await sleep(POLL_MS);
  }
  throw new Error(`The ${name} was not ready within ${definition.readyWithinMs / 1000} s. ${report()}`);
}

export class StartGivenUp extends Error {
  constructor(name: string) {
    super(`The ${name} was stopped while it was starting.`);
  }
}

export function describeEnding(ending: Ending): string {
  return ending.signal === null ? `exit code ${ending.code}` : `signal ${ending.signal}`;
}

/** Asks it to end, waits for as long as it may take, and ends it then with all that it started. */
export async function endRun(run: Run, ask: NodeJS.Signals, graceMs: number): Promise<void> {
  if (run.gone) return;
  run.wanted = true;
  // At first the leader alone: it knows how to end its children. Those that outlive it are told as well.
  if (run.ending === undefined) run.child.kill(ask);
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline && groupMembers(run.pid).length > 0) {
    if (run.ending !== undefined) signalGroup(run.pid, "SIGTERM");
    await sleep(POLL_MS);
  }
  while (groupMembers(run.pid).length > 0) {
    signalGroup(run.pid, "SIGKILL");
    await sleep(POLL_MS);
  }
  run.gone = true;
  await run.ended;
}
