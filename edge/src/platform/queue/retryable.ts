import { isTransient, type ProblemCode } from "@twinframe/shared/problem";

/** What a source did wrong is the client's to judge: told at once, not retried for a quarter of an hour. */
const FINAL: readonly ProblemCode[] = ["source_failed", "source_timeout"];

/** Whether queued work that failed so is tried again. */
export const isRetryable = (code: ProblemCode) => isTransient(code) && !FINAL.includes(code);

/** Whether the backend may have indexed the video of work that failed so, without our hearing of it. */
export const mayBeIndexed = (code: ProblemCode) => isTransient(code) || code === "analysis_crashed";
