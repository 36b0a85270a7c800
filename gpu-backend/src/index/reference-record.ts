// What an index keeps of a reference.

import type { FrameTrack } from "./frame-track.ts";

export interface ReferenceRecord {
  /** `tenant/library`. */
  library: string;
  id: string;
  /** The analysis that made the entry: a late delete of an older entry must not hit a newer one. */
  jobId: string;
  sha256: string;
  packetsSha256: string;
  durationS: number;
  /** Seconds of it that were seen when it was indexed; null for entries from before this was kept. */
  seenS: number | null;
  width: number;
  height: number;
  /** Frames sampled, before folding. */
  sampledFrames: number;
  /** How often it was taken out of searches and back in; out of them while the number is odd. */
  availability: number;
}

/** Whether searches and look-ups by packets leave an entry of this availability out. */
export const isOut = (availability: number) => availability % 2 === 1;

export interface ReferenceEntry extends ReferenceRecord {
  track: FrameTrack;
}

/** Where a listing continues: behind this entry. */
export interface EntryPosition {
  library: string;
  id: string;
}

export interface ListedReference extends ReferenceRecord {
  /** Descriptors kept, after folding. */
  frames: number;
}
