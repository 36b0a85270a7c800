// Descriptors by their place in time, and what a search for them finds.

/** A video's descriptors with the time that each one stands for. An index keeps them to a byte a dimension. */
export interface FrameTrack {
  /** float32 [frames, dims], each of length 1. */
  vectors: Float32Array;
  /** Seconds [frames]: frame i shows what is seen from startS[i] to endS[i]; in order, not overlapping. */
  startS: Float32Array;
  endS: Float32Array;
  /** Sampling rate before folding, frames a second. */
  rate: number;
  durationS: number;
}

/** The nearest frames of each query, best first: row q holds entries q·perQuery … ; reference −1 is none. */
export interface FrameHits {
  perQuery: number;
  referenceIds: string[];
  /** int32 [queries, perQuery], positions in referenceIds. */
  reference: Int32Array;
  /** int32 [queries, perQuery], frame numbers in that reference's track. */
  frame: Int32Array;
  /** float32 [queries, perQuery], cosine. */
  similarity: Float32Array;
}
