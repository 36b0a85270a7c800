// Edits that put the video into other footage, one after the other.

import { fitInto, keep, type Layer, setRate } from "../graph.ts";
import type { Edit, Scene } from "./edit.ts";

const COMMON_RATE = 25;
/** A copy that is cut into other footage is whole or at least this long, seconds. */
const WHOLE_UP_TO_S = 4;

/** Shortens the layer to at most `mostS`, now and then not at all. */
function keepPiece({ layer, random }: Scene, leastS: number, mostS: number): void {
  if (layer.durationS <= leastS) return;
  const lengthS = random.between(leastS, Math.min(mostS, layer.durationS), 2);
  keep(layer, random.between(0, layer.durationS - lengthS, 2), lengthS);
}

function alike(layers: Layer[], width: number, height: number): void {
  for (const layer of layers) {
    setRate(layer, COMMON_RATE);
    fitInto(layer, width, height);
  }
}

const HOST_LEAST_S = 4;

const insertion: Edit = {
  family: "together",
  stage: "any",
  minS: 2,
  fits: ({ footage }) => footage.has(HOST_LEAST_S),
  apply(scene) {
    const { graph, layer, random, footage } = scene;
    const host = footage.take(HOST_LEAST_S);
    if (layer.durationS > 12 || random.chance(0.6)) keepPiece(scene, WHOLE_UP_TO_S, 10);
    const before = random.between(1.8, Math.min(6, host.durationS / 2), 2);
    const after = random.between(1.8, Math.min(6, host.durationS / 2), 2);
    const startS = random.between(0, host.durationS - before - after, 2);
    const first = graph.open(host, startS, before);
    const last = graph.open(host, startS + before, after);
    const [width, height] = [host.width, host.height];
    alike([first, layer, last], width, height);
    const piece = layer.durationS;
    Object.assign(layer, graph.concatenate([first, layer, last]));
    return { host: host.name, before_s: before, piece_s: Number(piece.toFixed(3)), after_s: after };
  },
};

const PIECE_LEAST_S = 3;

const compilation: Edit = {
  family: "together",
  stage: "any",
  minS: 2,
  fits: ({ footage }) => footage.has(PIECE_LEAST_S, 2),
  apply(scene) {
    const { graph, layer, random, footage } = scene;
    keepPiece(scene, PIECE_LEAST_S, 8);
    const others = random.chance(0.5) && footage.has(PIECE_LEAST_S, 3) ? 3 : 2;
    const clips = Array.from({ length: others }, () => footage.take(PIECE_LEAST_S));
    const pieces = clips.map((clip) => {
      const lengthS = random.between(PIECE_LEAST_S, Math.min(8, clip.durationS), 2);
      return graph.open(clip, random.between(0, clip.durationS - lengthS, 2), lengthS);
    });
    const place = random.integer(0, pieces.length);
    const { width, height } = layer;
    alike([layer, ...pieces], width, height);
    const order = pieces.toSpliced(place, 0, { ...layer }) as [Layer, ...Layer[]];
    Object.assign(layer, graph.concatenate(order));
    return { with: clips.map(({ name }) => name), place };
  },
};

export const JOINED_EDITS = { insertion, compilation };
