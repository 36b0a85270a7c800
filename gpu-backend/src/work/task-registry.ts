// Start or attach (design decision 3): a task is named by its id; a request for an id that is there attaches to the
// running task, or gets the outcome of the ended one. A task runs on without listeners.

import type { Stage } from "@twinframe/shared/contract";
import { isTransient, type Problem, ProblemError, toProblem } from "@twinframe/shared/problem";
import { isShuttingDown, shuttingDown } from "./shutting-down.ts";
import type { OnProgress } from "./stage-clock.ts";

export type TaskEvent<Result> =
  /** `waiting` until the task reports progress; `started` in the first event to the listener that started it. */
  | { event: "progress"; stage: Stage; fraction: number; waiting?: true; started?: true }
  | { event: "result"; result: Result }
  | { event: "problem"; problem: Problem }
  /** Ends the stream without an outcome, so that the edge asks another backend. */
  | { event: "handed_back" };

export type Listener<Result> = (event: TaskEvent<Result>) => void;
export type RunTask<Request, Result> = (
  id: string,
  request: Request,
  onProgress: OnProgress,
  signal: AbortSignal,
) => Promise<Result>;

export interface TaskRules<Request, Result> {
  /** What makes two requests the same; the source is left out, since a retry may bring a fresh link. */
  identityOf(request: Request): string;
  keepEndedMs: number;
  /** The stage that is reported until the task reports progress; `fetch` when absent. */
  firstStage?: Stage;
  /** Whether an outcome is forgotten once a listener has got it. */
  forgetDelivered: boolean;
  /** Of large outcomes only this many are kept, the latest. */
  large?: { most: number; isLarge(result: Result): boolean };
}

interface Task<Result> {
  identity: string;
  latest: TaskEvent<Result>;
  listeners: Set<Listener<Result>>;
  cancel: AbortController;
  ended: Promise<void>;
  /** Forgets the ended task. */
  timer?: NodeJS.Timeout;
}

export class TaskRegistry<Request, Result> {
  readonly #run: RunTask<Request, Result>;
  readonly #onFailure: (id: string, error: unknown) => void;
  readonly #rules: TaskRules<Request, Result>;
  readonly #byId = new Map<string, Task<Result>>();
  /** Ids of tasks that have ended with a large outcome, the oldest first. */
  readonly #large = new Set<string>();
  #state: "open" | "draining" | "handing_back" = "open";

  constructor(
    run: RunTask<Request, Result>,
    onFailure: (id: string, error: unknown) => void,
    rules: TaskRules<Request, Result>,
  ) {
    this.#run = run;
    this.#onFailure = onFailure;
    this.#rules = rules;
  }

  /** How many have not ended. */
  get running(): number {
    return [...this.#byId.values()].filter(({ latest }) => latest.event === "progress").length;
  }

  /**
   * Starts or attaches; the listener gets the latest event at once and then every one up to the outcome. Returns
   * how to detach. Throws `analysis_conflict` when the id belongs to another request, and `backend_unavailable` for a
   * new task once draining has begun.
   */
  startOrAttach(id: string, request: Request, listener: Listener<Result>): () => void {
    const known = this.#byId.get(id);
    const task = known ?? this.#start(id, request);
    if (task.identity !== this.#rules.identityOf(request))
      throw new ProblemError("analysis_conflict", "This id was given to another request; use a new id.");
    return this.#listen(id, task, listener, known === undefined);
  }

  /** Attaches to a known task, whatever its request; null when there is none by that id. */
  attach(id: string, listener: Listener<Result>): (() => void) | null {
    const task = this.#byId.get(id);
    return task === undefined ? null : this.#listen(id, task, listener);
  }

  #listen(id: string, task: Task<Result>, listener: Listener<Result>, started = false): () => void {
    task.listeners.add(listener);
    const { latest } = task;
    listener(started && latest.event === "progress" ? { ...latest, started: true } : latest);
    if (this.#rules.forgetDelivered && task.latest.event !== "progress") this.#forget(id);
    return () => task.listeners.delete(listener);
  }

  /** Stops a task; its listeners get a problem. False when there is none by that id. */
  cancel(id: string): boolean {
    const task = this.#byId.get(id);
    task?.cancel.abort(
      new ProblemError("backend_unavailable", "The work was stopped before it ended; ask for it again."),
    );
    return task !== undefined;
  }

  /** Refuses new tasks, waits at most `graceMs` until all have ended, and hands the rest back. */
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

  #start(id: string, request: Request): Task<Result> {
    if (this.#state !== "open") throw shuttingDown();
    const cancel = new AbortController();
    const task: Task<Result> = {
      identity: this.#rules.identityOf(request),
      latest: { event: "progress", stage: this.#rules.firstStage ?? "fetch", fraction: 0, waiting: true },
      listeners: new Set(),
      cancel,
      ended: Promise.resolve(),
    };
    const publish = (event: TaskEvent<Result>) => {
      task.latest = event;
      for (const listener of task.listeners) listener(event);
    };
    const onProgress = (stage: Stage, fraction: number) => publish({ event: "progress", stage, fraction });
    this.#byId.set(id, task);
    task.ended = this.#run(id, request, onProgress, cancel.signal).then(
      (result) => {
        publish({ event: "result", result });
        this.#keepForAWhile(id, task);
      },
      (error: unknown) => {
        const problem = toProblem(error);
        this.#onFailure(id, error);
        const isRetryable = isTransient(problem.code);
        const handsBack = isRetryable && (this.#state === "handing_back" || isShuttingDown(error));
        publish(handsBack ? { event: "handed_back" } : { event: "problem", problem });
        // A transient failure is forgotten, so that the next request starts anew.
        if (isRetryable) this.#byId.delete(id);
        else this.#keepForAWhile(id, task);
      },
    );
    return task;
  }

  #keepForAWhile(id: string, task: Task<Result>): void {
    const { keepEndedMs, forgetDelivered, large } = this.#rules;
    if (forgetDelivered && task.listeners.size > 0) {
      this.#byId.delete(id);
      return;
    }
    task.timer = setTimeout(() => this.#forget(id), keepEndedMs).unref();
    const { latest } = task;
    if (!large || latest.event !== "result" || !large.isLarge(latest.result)) return;
    this.#large.add(id);
    const [oldest] = this.#large;
    if (oldest !== undefined && this.#large.size > large.most) this.#forget(oldest);
  }

  #forget(id: string): void {
    // Left running, the timer would forget the next task of that id too early.
    clearTimeout(this.#byId.get(id)?.timer);
    this.#byId.delete(id);
    this.#large.delete(id);
  }
}
