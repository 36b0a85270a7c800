// Counts how often work breaks off with its backend, and ends what does so again and again (decision 0042). What is
// counted is the content, not the check: whoever sends the same video anew counts on.

import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { listenToAnalysis, type NamedAnalysis } from "./analyses.ts";
import { backendUnavailable } from "./backend-unavailable.ts";
import type { Recovery } from "./start-or-attach.ts";
import {
  type CrashKey,
  type CrashRow,
  crashesOf,
  forgetCrashes,
  noteCrash,
  notePending,
  settlePending,
} from "./store/analysis-crashes.ts";

/** Twice may be a neighbour's fault; the third time nothing else ran. */
const MOST_CRASHES = 3;
/** So long after the last one it may be tried again: by then the backend may be another version. */
export const CRASHES_KEPT_MS = 24 * 3600_000;

const analysisCrashed = ({ crashes, stage }: CrashRow) =>
  new ProblemError(
    "analysis_crashed",
    `The analysis of this video broke off ${crashes} times at the stage "${stage}", the last time with nothing else ` +
      "running. The same file is not tried again within a day: encode the video anew and send that.",
  );

const now = () => new Date().toISOString();

export class CrashCount implements Recovery {
  readonly #context: RequestContext;
  readonly #key: CrashKey;
  /** Null: of a question, which cannot be listened to again. */
  readonly #named: NamedAnalysis | null;
  #row: CrashRow | null;

  private constructor(
    context: RequestContext,
    key: CrashKey,
    named: NamedAnalysis | null,
    row: CrashRow | null,
  ) {
    this.#context = context;
    this.#key = key;
    this.#named = named;
    this.#row = row;
  }

  /**
   * `row` as a look-up has just found it; read when it is left out. Problems: `analysis_crashed`, and
   * `backend_unavailable` while nobody can say whether an earlier analysis goes on.
   */
  static async of(
    context: RequestContext,
    key: CrashKey,
    named: NamedAnalysis | null,
    row?: CrashRow | null,
  ): Promise<CrashCount> {
    const known = row === undefined ? await crashesOf(context.bindings.DB, key).first<CrashRow>() : row;
    const count = new CrashCount(context, key, named, known);
    await count.#settle();
    count.#refuseMany();
    return count;
  }

  get crashes(): number {
    return this.#row?.crashes ?? 0;
  }

  async brokeOff(stage: string): Promise<Response | null> {
    const { DB } = this.#context.bindings;
    const seen = this.crashes;
    try {
      const still = this.#named && (await listenToAnalysis(this.#context.config, this.#named));
      if (still !== null) return still;
    } catch (error) {
      // Gone with its backend, or only out of reach: asked before it is begun again.
      const pending = JSON.stringify(this.#named);
      this.#row = await notePending(DB, this.#key, seen, stage, pending, now());
      throw error;
    }
    this.#row = await noteCrash(DB, this.#key, seen, stage, now());
    this.#refuseMany();
    return null;
  }

  /** It has ended by itself: what broke off before was not its fault, or is none any more. */
  async ended(): Promise<void> {
    if (this.#row !== null) await forgetCrashes(this.#context.bindings.DB, this.#key);
  }

  async #settle(): Promise<void> {
    const pending = this.#row?.pending;
    if (!pending) return;
    const { bindings, config } = this.#context;
    const still = await listenToAnalysis(config, JSON.parse(pending) as NamedAnalysis);
    await still?.body?.cancel();
    this.#row = await settlePending(bindings.DB, this.#key, pending, still === null, now());
    // Somebody else has counted it, and something else is pending already.
    if (this.#row?.pending) throw backendUnavailable("an analysis of this content may still be under way");
  }

  #refuseMany(): void {
    if (this.#row !== null && this.#row.crashes >= MOST_CRASHES) throw analysisCrashed(this.#row);
  }
}
