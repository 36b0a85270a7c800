// Edits that change the picture's colours, sharpness and coding.

import { resize, setRate } from "../graph.ts";
import type { Edit, Scene } from "./edit.ts";

/** The shorter side becomes `side`; the shape stays. */
function shortSide({ layer }: Scene, side: number): void {
  const scale = side / Math.min(layer.width, layer.height);
  resize(layer, layer.width * scale, layer.height * scale);
}

const reencode: Edit = {
  family: "coding",
  stage: "last",
  apply(scene) {
    const [crf, side] = [scene.random.integer(24, 38), scene.random.pick([240, 270, 360, 480])];
    shortSide(scene, side);
    scene.graph.crf = crf;
    return { crf, short_side: side };
  },
};

const tiny: Edit = {
  family: "coding",
  stage: "last",
  apply(scene) {
    const crf = scene.random.integer(24, 32);
    setRate(scene.layer, Math.min(12, scene.layer.rate));
    shortSide(scene, 144);
    scene.graph.crf = crf;
    return { crf, short_side: 144, frames_per_s: scene.layer.rate };
  },
};

const colour: Edit = {
  family: "colour",
  stage: "any",
  apply({ layer, random }) {
    const drawn = {
      brightness: random.between(-0.15, 0.15),
      contrast: random.between(0.7, 1.4),
      saturation: random.between(0.4, 1.8),
      gamma: random.between(0.7, 1.4),
      hue: random.integer(-35, 35),
    };
    const { hue, ...equaliser } = drawn;
    const options = Object.entries(equaliser).map(([name, value]) => `${name}=${value}`);
    layer.picture.filters.push(`eq=${options.join(":")}`, `hue=h=${hue}`);
    return drawn;
  },
};

const greyscale: Edit = {
  family: "colour",
  stage: "any",
  apply({ layer }) {
    layer.picture.filters.push("hue=s=0");
    return {};
  },
};

const blur: Edit = {
  family: "sharpness",
  stage: "any",
  apply({ layer, random }) {
    const share = random.between(0.004, 0.015, 4);
    const sigma = Number((share * Math.min(layer.width, layer.height)).toFixed(2));
    layer.picture.filters.push(`gblur=sigma=${sigma}`);
    return { sigma, of_short_side: share };
  },
};

const noise: Edit = {
  family: "sharpness",
  stage: "any",
  apply({ layer, random }) {
    const [strength, seed] = [random.integer(12, 45), random.integer(1, 1e6)];
    layer.picture.filters.push(`noise=all_seed=${seed}:alls=${strength}:allf=t`);
    return { strength };
  },
};

export const LOOK_EDITS = { reencode, tiny, colour, greyscale, blur, noise };
