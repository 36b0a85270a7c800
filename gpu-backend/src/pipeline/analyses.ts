// Start or attach (design decision 3): an analysis is named by its id; asking for it again joins the one that
// runs, or hears the outcome of the one that has ended. It runs on when nobody listens.

import type { AnalysisEvent, AnalysisRequest, AnalysisResult, Stage } from "@twinframe/shared/contract";
import { isTransient, ProblemError, toProblem } from "@twinframe/shared/problem";
import type { OnProgress } from "./progress.ts";

export type Listener = (event: AnalysisEvent) => void;
export type RunAnalysis = (
  id: string,
  request: AnalysisRequest,
  onProgress: OnProgress,
  signal: AbortSignal,
) => Promise<AnalysisResult>;

interface Analysis {
  /** What makes two requests the same; the source is left out, since a retry may bring a fresh link. */
  identity: string;
  latest: AnalysisEvent;
  listeners: Set<Listener>;
  cancel: AbortController;
  ended: Promise<void>;
  /** Of one that has ended: forgets it. */
  timer?: NodeJS.Timeout;
}

const KEEP_ENDED_MS = 10 * 60_000;
/** Of explained ones, which have up to half a megabyte each: no more than these, the latest. */
export const KEEP_EXPLAINED = 64;

function identityOf({ tenant, library, sha256, task }: AnalysisRequest): string {
  return JSON.stringify([tenant, library, sha256, task]);
}

function listenTo({ listeners, latest }: Analysis, listener: Listener): () => void {
  listeners.add(listener);
  listener(latest);
  return () => listeners.delete(listener);
}

export class Analyses {
  readonly #run: RunAnalysis;
  readonly #onFailure: (id: string, error: unknown) => void;
  readonly #byId = new Map<string, Analysis>();
  /** Ids of those that have ended with an explanation, the oldest first. */
  readonly #explained = new Set<string>();

  constructor(run: RunAnalysis, onFailure: (id: string, error: unknown) => void) {
    this.#run = run;
    this.#onFailure = onFailure;
  }

  /** Analyses that have not ended. */
  get running(): number {
    return [...this.#byId.values()].filter(({ latest }) => latest.event === "progress").length;
  }

  /**
   * Starts or joins; the listener hears the latest event at once and then every one up to the outcome. Returns
   * how to stop listening. Throws `analysis_conflict` when the id belongs to another request.
   */
  startOrAttach(id: string, request: AnalysisRequest, listener: Listener): () => void {
    const analysis = this.#byId.get(id) ?? this.#start(id, request);
    if (analysis.identity !== identityOf(request))
      throw new ProblemError(
        "analysis_conflict",
        "This analysis id was given to another request; use a new id.",
      );
    return listenTo(analysis, listener);
  }

  /** The same for one that is known, whatever was asked; null when there is none. */
  attach(id: string, listener: Listener): (() => void) | null {
    const analysis = this.#byId.get(id);
    return analysis === undefined ? null : listenTo(analysis, listener);
  }

  /** Stops an analysis; its listeners hear a problem. False when there is none by that id. */
  cancel(id: string): boolean {
    const analysis = this.#byId.get(id);
    analysis?.cancel.abort(
      new ProblemError("backend_unavailable", "The analysis was stopped before it ended; ask for it again."),
    );
    return analysis !== undefined;
  }

  /** Waits until what runs has ended, at most `graceMs`; then stops the rest. */
  async drain(graceMs: number): Promise<void> {
    const all = () => Promise.all([...this.#byId.values()].map(({ ended }) => ended));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([all(), grace]);
    clearTimeout(timer);
    for (const id of this.#byId.keys()) this.cancel(id);
    await all();
  }

  #start(id: string, request: AnalysisRequest): Analysis {
    const cancel = new AbortController();
    const analysis: Analysis = {
      identity: identityOf(request),
      latest: { event: "progress", stage: "fetch", fraction: 0 },
      listeners: new Set(),
      cancel,
      ended: Promise.resolve(),
    };
    const tell = (event: AnalysisEvent) => {
      analysis.latest = event;
      for (const listener of analysis.listeners) listener(event);
    };
    const onProgress = (stage: Stage, fraction: number) => tell({ event: "progress", stage, fraction });
    this.#byId.set(id, analysis);
    analysis.ended = this.#run(id, request, onProgress, cancel.signal).then(
      (result) => {
        tell({ event: "result", result });
        this.#keepForAWhile(id, analysis);
      },
      (error: unknown) => {
        const problem = toProblem(error);
        this.#onFailure(id, error);
        tell({ event: "problem", problem });
        // A failure that may pass is forgotten, so that the next request starts anew.
        if (isTransient(problem.code)) this.#byId.delete(id);
        else this.#keepForAWhile(id, analysis);
      },
    );
    return analysis;
  }

  #keepForAWhile(id: string, analysis: Analysis): void {
    analysis.timer = setTimeout(() => this.#forget(id), KEEP_ENDED_MS).unref();
    const { latest } = analysis;
    if (latest.event !== "result" || !latest.result.explanation) return;
    this.#explained.add(id);
    const [oldest] = this.#explained;
    if (oldest !== undefined && this.#explained.size > KEEP_EXPLAINED) this.#forget(oldest);
  }

  #forget(id: string): void {
    // Left running, it would forget the next analysis of that id too early.
    clearTimeout(this.#byId.get(id)?.timer);
    this.#byId.delete(id);
    this.#explained.delete(id);
  }
}
