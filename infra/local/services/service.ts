// A service: starts it and waits until it answers, stops it in order or kills it, starts it again.

import { logTail } from "./service-log.ts";
import { type Ending, endRun, type ServiceDefinition, startRun, untilReady } from "./service-run.ts";

export interface Service {
  readonly name: ServiceDefinition["name"];
  readonly pid: number;
  readonly logFile: string;
  /** Ends when this run of the process has ended, whoever ended it. */
  readonly ended: Promise<Ending>;
  /** Lets it finish within its time, then ends it and all that it started. */
  stop(): Promise<void>;
  /** `kill -9` for it and all that it started. */
  kill(): Promise<void>;
  /** Kills what is left of it and starts it again with the same port, state and settings. */
  restart(): Promise<void>;
  logTail(): string;
}

export async function startService(definition: ServiceDefinition): Promise<Service> {
  let run = await startRun(definition);
  let closing = false;
  let restarting: Promise<void> | undefined;

  /** A restart that is under way must not bring up what has just been stopped. */
  async function endForGood(first: NodeJS.Signals, graceMs: number): Promise<void> {
    closing = true;
    await endRun(run, first, graceMs);
    await restarting?.catch(() => {});
    await endRun(run, "SIGKILL", 0);
  }

  async function startAgain(): Promise<void> {
    await endRun(run, "SIGKILL", 0);
    run = await startRun(definition);
    await untilReady(definition, run, () => closing);
  }

  const service: Service = {
    name: definition.name,
    logFile: definition.logFile,
    get pid() {
      return run.pid;
    },
    get ended() {
      return run.ended;
    },
    stop: () => endForGood("SIGTERM", definition.drainMs),
    kill: () => endForGood("SIGKILL", 0),
    restart: () => {
      closing = false;
      restarting = startAgain();
      return restarting;
    },
    logTail: () => logTail(definition.logFile, run.logStart),
  };

  try {
    await untilReady(definition, run, () => definition.signal?.aborted === true);
    return service;
  } catch (error) {
    await service.kill();
    throw error;
  }
}
