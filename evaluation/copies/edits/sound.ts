// Edits of the sound alone.

import type { Clip } from "../clips.ts";
import { type Graph, type Layer, setLength } from "../graph.ts";
import { wholeOf } from "../timeline.ts";
import type { Edit } from "./edit.ts";

const soundSwapped: Edit = {
  family: "sound",
  stage: "any",
  fits: ({ layer, footage }) => layer.sound !== null && footage.hasSound,
  apply({ graph, layer, footage }) {
    const clip = footage.takeSound();
    const other = graph.open(clip, 0, layer.durationS + 0.1, clip.durationS < layer.durationS + 0.1);
    if (layer.sound) graph.dropSound(layer.sound);
    layer.sound = other.sound;
    setLength(layer, layer.durationS);
    return { sound_of: clip.name };
  },
};

/** A reference's sound under the picture of `layer`: no copy of the picture, but of the sound. */
export function takeSound(graph: Graph, layer: Layer, reference: Clip): void {
  layer.sound = graph.open(reference, 0, layer.durationS).sound;
  setLength(layer, layer.durationS);
  layer.segments = [
    ...layer.segments,
    { ...wholeOf(reference, 0, layer.durationS), modality: "sound" as const },
  ];
}

export const SOUND_EDITS = { sound_swapped: soundSwapped };
