import type { Footage } from "../footage.ts";
import type { Graph, Layer } from "../graph.ts";
import type { Random } from "../random.ts";

/** What an edit works on. It changes the layer in place. */
export interface Scene {
  graph: Graph;
  layer: Layer;
  random: Random;
  footage: Footage;
  /** Text needs a font; without one it is drawn as bars. */
  font: string | null;
}

export type Parameters = Record<string, string | number | boolean | number[] | string[]>;

export interface Edit {
  /** A chain takes no two edits of one family. */
  family: string;
  /** Cuts come first and encoders' settings last; the others in any order. */
  stage: "first" | "any" | "last";
  /** Shortest video that it makes sense for, seconds. */
  minS?: number;
  fits?: (scene: Scene) => boolean;
  /** Draws its own strength; gives it for the labels. */
  apply: (scene: Scene) => Parameters;
}
