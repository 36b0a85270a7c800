// Work at the backend, named by its path (design decision 3): the same call starts it or attaches to it, and hears
// its events until its result.

import type { Stage } from "@twinframe/shared/contract";
import { type Problem, ProblemError } from "@twinframe/shared/problem";
import type { z } from "zod";
import type { Configuration } from "../platform/configuration.ts";
import { backendUnavailable } from "./backend-unavailable.ts";
import { eventLines, StreamBroken } from "./event-lines.ts";
import { actionable, type Call, call, problemOf } from "./request.ts";

/** A stream that ends without a result is taken up again this often. */
const ATTEMPTS = 2;
/** So often one that goes on behind a broken connection is listened to anew. */
const MAX_BREAKS = 5;

/** What becomes of work whose stream broke off after it had begun. */
export interface Recovery {
  /** How often it has broken off with its backend before, as the request says. */
  readonly crashes: number;
  /** The stream that goes on; null when it is gone, and may be asked for again. Throws when it is not to be. */
  brokeOff(stage: string): Promise<Response | null>;
}

export interface Hearing {
  onProgress?: (fraction: number) => Promise<void>;
  /** What is thrown for a problem that the work ended with. */
  thrownFor?: (problem: ProblemError) => ProblemError;
  recovery?: Recovery | undefined;
  /** Hears that the work was begun, and not found under way. */
  onStarted?: (() => void) | undefined;
}

type WorkEvent<Result> =
  | {
      event: "progress";
      fraction: number;
      stage?: Stage;
      waiting?: true | undefined;
      started?: true | undefined;
    }
  | { event: "result"; result: Result }
  | { event: "problem"; problem: Problem };

interface AskedWork extends Omit<Call, "method" | "body"> {
  request: object;
}

/** Work of any kind, named by its path: starts it or attaches to it, and waits for its result. */
export async function startOrAttach<Result>(
  config: Configuration,
  { request, ...asked }: AskedWork,
  schema: z.ZodType<WorkEvent<Result>>,
  hearing: Hearing = {},
): Promise<Result> {
  const { recovery } = hearing;
  let breaks = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const crashes = recovery?.crashes ?? 0;
    const body = JSON.stringify(crashes > 0 ? { ...request, crashes } : request);
    const begun = await call(config, { ...asked, body, method: "PUT" });
    for (let response: Response | null = begun; response !== null; ) {
      const heard: Heard<Result> = await hear(response, schema, asked.signal, hearing);
      if (heard.end === "result") return heard.result;
      if (heard.end === "handed_back" || heard.stage === null || !recovery || ++breaks > MAX_BREAKS) break;
      response = await recovery.brokeOff(heard.stage);
    }
  }
  throw backendUnavailable("stream ended without a result");
}

type Heard<Result> =
  | { end: "result"; result: Result }
  | { end: "handed_back" }
  /** `stage`: null when it had not begun. */
  | { end: "broken"; stage: string | null };

async function hear<Result>(
  response: Response,
  schema: z.ZodType<WorkEvent<Result>>,
  signal: AbortSignal | undefined,
  { onProgress, thrownFor = actionable, onStarted }: Hearing,
): Promise<Heard<Result>> {
  if (response.status !== 200 || response.body === null) throw await problemOf(response);
  let stage: string | null = null;
  let isFirst = true;
  try {
    for await (const event of eventLines(response.body, schema, signal)) {
      if (event.event === "result") return { end: "result", result: event.result };
      if (event.event === "problem") throw thrownFor(ProblemError.fromProblem(event.problem));
      if (isFirst && event.started) onStarted?.();
      isFirst = false;
      if (!event.waiting && event.stage) stage = event.stage;
      await onProgress?.(event.fraction);
    }
    return { end: "handed_back" };
  } catch (error) {
    if (error instanceof StreamBroken) return { end: "broken", stage };
    throw error;
  }
}
