// Edits that show the video and other footage at the same time.

import { keep, type Layer, resize, setRate } from "../graph.ts";
import { even } from "../probe.ts";
import type { Edit, Scene } from "./edit.ts";

const COMMON_RATE = 25;

const fits = ({ layer, footage }: Scene) => footage.hasDistractor || footage.has(layer.durationS);

/** Footage that lasts as long as the layer, from its own beginning or somewhere in it; both at one frame rate. */
function companion({ graph, layer, random, footage }: Scene): { name: string; other: Layer } {
  setRate(layer, COMMON_RATE);
  const needed = layer.durationS + 0.1;
  const long = footage.has(needed);
  const clip = long ? footage.take(needed) : footage.takeDistractor();
  const startS = long ? random.between(0, clip.durationS - needed, 2) : 0;
  const other = graph.open(clip, startS, needed, !long);
  setRate(other, COMMON_RATE);
  keep(other, 0, layer.durationS);
  return { name: clip.name, other };
}

/** Lays `inset` over `base` at a random place; gives the filter's inputs as one picture. */
function inset({ graph, random }: Scene, base: Layer, small: Layer, share: number): Layer["picture"] {
  const scale = Math.min(
    share * Math.sqrt((base.width * base.height) / (small.width * small.height)),
    (0.9 * base.width) / small.width,
    (0.9 * base.height) / small.height,
  );
  resize(small, small.width * scale, small.height * scale);
  const x = random.integer(0, base.width - small.width);
  const y = random.integer(0, base.height - small.height);
  return graph.join([base.picture, small.picture], `overlay=${x}:${y}:shortest=1`);
}

const pictureInPicture: Edit = {
  family: "together",
  stage: "any",
  fits,
  apply(scene) {
    const { layer, random } = scene;
    const { name, other } = companion(scene);
    const share = random.between(0.3, 0.55);
    layer.picture = inset(scene, other, layer, share);
    layer.width = other.width;
    layer.height = other.height;
    unite(layer, other);
    return { host: name, share };
  },
};

const insetOver: Edit = {
  family: "together",
  stage: "any",
  fits,
  apply(scene) {
    const { layer, random } = scene;
    const { name, other } = companion(scene);
    const share = random.between(0.25, 0.45);
    layer.picture = inset(scene, layer, other, share);
    unite(layer, other);
    return { inset: name, share };
  },
};

const sideBySide: Edit = {
  family: "together",
  stage: "any",
  fits,
  apply(scene) {
    const { graph, layer, random } = scene;
    const { name, other } = companion(scene);
    resize(other, (other.width * layer.height) / other.height, layer.height);
    const left = random.chance(0.5);
    const order = left ? [layer, other] : [other, layer];
    layer.picture = graph.join(
      order.map(({ picture }) => picture),
      "hstack",
    );
    layer.width += other.width;
    unite(layer, other);
    return { with: name, at: left ? "left" : "right" };
  },
};

const stacked: Edit = {
  family: "together",
  stage: "any",
  fits,
  apply(scene) {
    const { graph, layer, random } = scene;
    const { name, other } = companion(scene);
    resize(other, layer.width, even((other.height * layer.width) / other.width));
    const above = random.chance(0.5);
    const order = above ? [layer, other] : [other, layer];
    layer.picture = graph.join(
      order.map(({ picture }) => picture),
      "vstack",
    );
    layer.height += other.height;
    unite(layer, other);
    return { with: name, at: above ? "above" : "below" };
  },
};

/** Both are seen all the time; the other one is heard where the video itself has no sound. */
function unite(layer: Layer, other: Layer): void {
  layer.sound ??= other.sound;
  layer.segments = [...layer.segments, ...other.segments];
}

export const BESIDE_EDITS = {
  picture_in_picture: pictureInPicture,
  inset_over: insetOver,
  side_by_side: sideBySide,
  stacked,
};
