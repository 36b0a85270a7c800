// What other resources and the worker use of checks.

export { analysisOf } from "./check-job.ts";
export { verdictsOf } from "./exact-match/verdict-cache.ts";
export { EXPLANATIONS_PREFIX } from "./explanation.ts";
export { resumeCheck } from "./resume.ts";
export { checksToTry, type TriedCheckRow } from "./store/check-evidence.ts";
export type { StoredResult } from "./store/check-row.ts";
export { makeCheckDue } from "./store/checks.ts";
export { submitCheck } from "./submit.ts";
export { isCheckOpen, sweepChecks } from "./sweep.ts";
