// What other resources and the worker use of references.

export { addReference } from "./add.ts";
export { addByUrl, addressOf } from "./add-by-url.ts";
export { readyOrForgotten, readyStatements } from "./become-ready.ts";
export { finishForgetting, queueForgetting } from "./forget.ts";
export { keepOriginal } from "./originals.ts";
export { readyReference, takesPart } from "./ready.ts";
export { resumeReference } from "./resume.ts";
export { findSameBytes, sameBytesMatch } from "./same-bytes.ts";
export { releaseClaim } from "./store/deleted-references.ts";
export type { ReferenceRow } from "./store/reference-row.ts";
export {
  claimReference,
  findHolders,
  findReference,
  findReferences,
  makeClaimDue,
  readyByContent,
} from "./store/references.ts";
export { noteOtherAvailability } from "./store/untold-changes.ts";
export { sweepReferences } from "./sweep.ts";
export { tellIndex } from "./tell-index.ts";
