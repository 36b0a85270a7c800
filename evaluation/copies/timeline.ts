// Which seconds of a video in the making come from which seconds of which clip. Every edit that moves time moves
// these with it, so that the labels stay exact through a chain.

import type { Clip } from "./clips.ts";

export interface Segment {
  clip: Clip;
  modality: "picture" | "sound";
  /** In the video being made. */
  queryStartS: number;
  queryEndS: number;
  /** In the clip. */
  clipStartS: number;
  clipEndS: number;
  mirrored: boolean;
}

/** Seconds of the clip that pass in one second of the video. */
export function speedOf({ queryStartS, queryEndS, clipStartS, clipEndS }: Segment): number {
  return (clipEndS - clipStartS) / (queryEndS - queryStartS);
}

export function wholeOf(clip: Clip, startS: number, durationS: number): Segment {
  return {
    clip,
    modality: "picture",
    queryStartS: 0,
    queryEndS: durationS,
    clipStartS: startS,
    clipEndS: startS + durationS,
    mirrored: false,
  };
}

/** What is left when only `lengthS` from `startS` on is kept. */
export function cut(segments: readonly Segment[], startS: number, lengthS: number): Segment[] {
  return segments.flatMap((segment) => {
    const from = Math.max(segment.queryStartS, startS);
    const to = Math.min(segment.queryEndS, startS + lengthS);
    if (to <= from) return [];
    const speed = speedOf(segment);
    return {
      ...segment,
      queryStartS: from - startS,
      queryEndS: to - startS,
      clipStartS: segment.clipStartS + (from - segment.queryStartS) * speed,
      clipEndS: segment.clipEndS - (segment.queryEndS - to) * speed,
    };
  });
}

export function faster(segments: readonly Segment[], factor: number): Segment[] {
  return segments.map((segment) => ({
    ...segment,
    queryStartS: segment.queryStartS / factor,
    queryEndS: segment.queryEndS / factor,
  }));
}

export function later(segments: readonly Segment[], byS: number): Segment[] {
  return segments.map((segment) => ({
    ...segment,
    queryStartS: segment.queryStartS + byS,
    queryEndS: segment.queryEndS + byS,
  }));
}

export function mirrored(segments: readonly Segment[]): Segment[] {
  return segments.map((segment) => ({ ...segment, mirrored: !segment.mirrored }));
}
