import type { FoundBy, Match, ModelIdentity } from "@twinframe/shared/contract";

/** An answer that needs no backend. */
export interface KnownVerdict {
  foundBy: FoundBy;
  matches: Match[];
  durationS: number | null;
  /** Null also where nothing was decoded. */
  seenS: number | null;
  frames: number | null;
  model: ModelIdentity | null;
}
