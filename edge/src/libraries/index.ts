// What other resources use of libraries: their policy, and the epochs that cached verdicts are kept under.

export { ensureLibrary } from "./manage.ts";
export { policyOfRow } from "./policy.ts";
export { purgeCache } from "./purge-cache.ts";
export { type EpochRow, epochOf, indexEpoch, listEpochs, raiseIndexEpoch } from "./store/epochs.ts";
export { policyOf } from "./store/libraries.ts";
