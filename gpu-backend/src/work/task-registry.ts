// Start or attach (design decision 3): work is named by its id; asking for it again joins the one that runs, or
// hears the outcome of the one that has ended. It runs on when nobody listens.

import type { Stage } from "@twinframe/shared/contract";
import { isTransient, type Problem, ProblemError, toProblem } from "@twinframe/shared/problem";
import type { OnProgress } from "../pipeline/progress.ts";
import { isShuttingDown, shuttingDown } from "./shutting-down.ts";

export type WorkEvent<Result> =
  /** `waiting` until it tells of itself; `started` to whom it was started for, in the first event. */
  | { event: "progress"; stage: Stage; fraction: number; waiting?: true; started?: true }
  | { event: "result"; result: Result }
  | { event: "problem"; problem: Problem }
  /** Told by the end of the stream alone, which makes the edge ask again: of another backend. */
  | { event: "handed_back" };

export type Listener<Result> = (event: WorkEvent<Result>) => void;
export type RunWork<Request, Result> = (
  id: string,
  request: Request,
  onProgress: OnProgress,
  signal: AbortSignal,
) => Promise<Result>;

export interface WorkRules<Request, Result> {
  /** What makes two requests the same; the source is left out, since a retry may bring a fresh link. */
  identityOf(request: Request): string;
  keepEndedMs: number;
  /** What is told until the work tells more; `fetch` when absent. */
  firstStage?: Stage;
  /** Whether an outcome is forgotten once somebody has heard it. */
  forgetHeard: boolean;
  /** Large outcomes are kept in this number only, the latest. */
  large?: { most: number; isLarge(result: Result): boolean };
}

interface Work<Result> {
  identity: string;
  latest: WorkEvent<Result>;
  listeners: Set<Listener<Result>>;
  cancel: AbortController;
  ended: Promise<void>;
  /** Of one that has ended: forgets it. */
  timer?: NodeJS.Timeout;
}

export class TaskRegistry<Request, Result> {
  readonly #run: RunWork<Request, Result>;
  readonly #onFailure: (id: string, error: unknown) => void;
  readonly #rules: WorkRules<Request, Result>;
  readonly #byId = new Map<string, Work<Result>>();
  /** Ids of those that have ended with a large outcome, the oldest first. */
  readonly #large = new Set<string>();
  #state: "open" | "draining" | "handing_back" = "open";

  constructor(
    run: RunWork<Request, Result>,
    onFailure: (id: string, error: unknown) => void,
    rules: WorkRules<Request, Result>,
  ) {
    this.#run = run;
    this.#onFailure = onFailure;
    this.#rules = rules;
  }

  /** What has not ended. */
  get running(): number {
    return [...this.#byId.values()].filter(({ latest }) => latest.event === "progress").length;
  }

  /**
   * Starts or joins; the listener hears the latest event at once and then every one up to the outcome. Returns
   * how to stop listening. Throws `analysis_conflict` when the id belongs to another request, and
   * `backend_unavailable` for new work once draining has begun.
   */
  startOrAttach(id: string, request: Request, listener: Listener<Result>): () => void {
    const known = this.#byId.get(id);
    const work = known ?? this.#start(id, request);
    if (work.identity !== this.#rules.identityOf(request))
      throw new ProblemError("analysis_conflict", "This id was given to another request; use a new id.");
    return this.#listen(id, work, listener, known === undefined);
  }

  /** The same for what is known, whatever was asked; null when there is nothing by that id. */
  attach(id: string, listener: Listener<Result>): (() => void) | null {
    const work = this.#byId.get(id);
    return work === undefined ? null : this.#listen(id, work, listener);
  }

  #listen(id: string, work: Work<Result>, listener: Listener<Result>, started = false): () => void {
    work.listeners.add(listener);
    const { latest } = work;
    listener(started && latest.event === "progress" ? { ...latest, started: true } : latest);
    if (this.#rules.forgetHeard && work.latest.event !== "progress") this.#forget(id);
    return () => work.listeners.delete(listener);
  }

  /** Stops it; its listeners hear a problem. False when there is none by that id. */
  cancel(id: string): boolean {
    const work = this.#byId.get(id);
    work?.cancel.abort(
      new ProblemError("backend_unavailable", "The work was stopped before it ended; ask for it again."),
    );
    return work !== undefined;
  }

  /** Takes nothing new, waits until what runs has ended, at most `graceMs`; then hands the rest back. */
  async drain(graceMs: number): Promise<void> {
    this.#state = "draining";
    const all = () => Promise.all([...this.#byId.values()].map(({ ended }) => ended));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([all(), grace]);
    clearTimeout(timer);
    this.#state = "handing_back";
    for (const id of this.#byId.keys()) this.cancel(id);
    await all();
  }

  #start(id: string, request: Request): Work<Result> {
    if (this.#state !== "open") throw shuttingDown();
    const cancel = new AbortController();
    const work: Work<Result> = {
      identity: this.#rules.identityOf(request),
      latest: { event: "progress", stage: this.#rules.firstStage ?? "fetch", fraction: 0, waiting: true },
      listeners: new Set(),
      cancel,
      ended: Promise.resolve(),
    };
    const tell = (event: WorkEvent<Result>) => {
      work.latest = event;
      for (const listener of work.listeners) listener(event);
    };
    const onProgress = (stage: Stage, fraction: number) => tell({ event: "progress", stage, fraction });
    this.#byId.set(id, work);
    work.ended = this.#run(id, request, onProgress, cancel.signal).then(
      (result) => {
        tell({ event: "result", result });
        this.#keepForAWhile(id, work);
      },
      (error: unknown) => {
        const problem = toProblem(error);
        this.#onFailure(id, error);
        const passes = isTransient(problem.code);
        const handsBack = passes && (this.#state === "handing_back" || isShuttingDown(error));
        tell(handsBack ? { event: "handed_back" } : { event: "problem", problem });
        // A failure that may pass is forgotten, so that the next request starts anew.
        if (passes) this.#byId.delete(id);
        else this.#keepForAWhile(id, work);
      },
    );
    return work;
  }

  #keepForAWhile(id: string, work: Work<Result>): void {
    const { keepEndedMs, forgetHeard, large } = this.#rules;
    if (forgetHeard && work.listeners.size > 0) {
      this.#byId.delete(id);
      return;
    }
    work.timer = setTimeout(() => this.#forget(id), keepEndedMs).unref();
    const { latest } = work;
    if (!large || latest.event !== "result" || !large.isLarge(latest.result)) return;
    this.#large.add(id);
    const [oldest] = this.#large;
    if (oldest !== undefined && this.#large.size > large.most) this.#forget(oldest);
  }

  #forget(id: string): void {
    // Left running, it would forget the next work of that id too early.
    clearTimeout(this.#byId.get(id)?.timer);
    this.#byId.delete(id);
    this.#large.delete(id);
  }
}
