// Edits that change where the picture's points are.

import { resize } from "../graph.ts";
import { even } from "../probe.ts";
import { mirrored } from "../timeline.ts";
import type { Edit } from "./edit.ts";

const crop: Edit = {
  family: "crop",
  stage: "any",
  apply({ layer, random }) {
    const [wide, high] = [random.between(0.5, 0.9), random.between(0.5, 0.9)];
    const [width, height] = [even(layer.width * wide), even(layer.height * high)];
    const left = Math.floor(random.next() * (layer.width - width));
    const top = Math.floor(random.next() * (layer.height - height));
    layer.picture.filters.push(`crop=${width}:${height}:${left}:${top}`);
    Object.assign(layer, { width, height });
    return { wide, high, left, top };
  },
};

const letterbox: Edit = {
  family: "bars",
  stage: "any",
  apply({ layer, random }) {
    const taller = random.between(1.15, 1.6);
    layer.height = even(layer.height * taller);
    layer.picture.filters.push(`pad=iw:${layer.height}:0:(oh-ih)/2`);
    return { taller };
  },
};

const pillarbox: Edit = {
  family: "bars",
  stage: "any",
  apply({ layer, random }) {
    const wider = random.between(1.15, 1.8);
    layer.width = even(layer.width * wider);
    layer.picture.filters.push(`pad=${layer.width}:ih:(ow-iw)/2:0`);
    return { wider };
  },
};

const vertical: Edit = {
  family: "bars",
  stage: "any",
  fits: ({ layer }) => layer.width / layer.height > 0.7,
  apply({ graph, layer, random }) {
    const width = even(random.integer(300, 480));
    const height = even((width * 16) / 9);
    const blur = random.between(6, 16, 1);
    const [background, picture] = graph.split(layer.picture);
    background.filters.push(
      `scale=${width}:${height}:force_original_aspect_ratio=increase`,
      `crop=${width}:${height},gblur=sigma=${blur},setsar=1`,
    );
    layer.picture = picture;
    resize(layer, width, (width * layer.height) / layer.width);
    layer.picture = graph.join([background, layer.picture], "overlay=(W-w)/2:(H-h)/2:shortest=1");
    Object.assign(layer, { width, height });
    return { blur };
  },
};

const mirror: Edit = {
  family: "mirror",
  stage: "any",
  apply({ layer }) {
    layer.picture.filters.push("hflip");
    layer.segments = mirrored(layer.segments);
    return {};
  },
};

const quarterTurn: Edit = {
  family: "turn",
  stage: "any",
  apply({ layer, random }) {
    const degrees = random.pick([90, 270]);
    layer.picture.filters.push(`transpose=${degrees === 90 ? "clock" : "cclock"}`);
    [layer.width, layer.height] = [layer.height, layer.width];
    return { degrees };
  },
};

const rotation: Edit = {
  family: "turn",
  stage: "any",
  apply({ layer, random }) {
    const degrees = random.between(2, 12, 1) * random.pick([-1, 1]);
    const angle = (degrees * Math.PI) / 180;
    const blackCorners = random.chance(0.5);
    layer.picture.filters.push(`rotate=${angle.toFixed(5)}:c=black`);
    if (!blackCorners) {
      // The largest frame of the same shape that stays inside the turned one.
      const longer = Math.max(layer.width / layer.height, layer.height / layer.width);
      const inside = 1 / (Math.cos(angle) + Math.abs(Math.sin(angle)) * longer);
      layer.width = even(layer.width * inside);
      layer.height = even(layer.height * inside);
      layer.picture.filters.push(`crop=${layer.width}:${layer.height}`);
    }
    return { degrees, black_corners: blackCorners };
  },
};

/** A screen that somebody filmed: seen from the side, not quite sharp, in other light. */
const perspective: Edit = {
  family: "turn",
  stage: "any",
  apply({ layer, random }) {
    const border = random.between(1.05, 1.2);
    const [width, height] = [even(layer.width * border), even(layer.height * border)];
    // Each corner of the filmed room moves inwards by these shares of the frame.
    const moved = Array.from({ length: 8 }, () => random.between(0, 0.09));
    const corners = [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ].map(([x = 0, y = 0], i) => {
      const inwards = (at: number, by = 0) => (at === 0 ? by : 1 - by).toFixed(3);
      return `x${i}=W*${inwards(x, moved[2 * i])}:y${i}=H*${inwards(y, moved[2 * i + 1])}`;
    });
    const [blur, brightness, gamma] = [
      random.between(0.4, 1.1),
      random.between(-0.08, 0.08),
      random.between(0.8, 1.3),
    ];
    layer.picture.filters.push(
      `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=0x1a1815`,
      `perspective=${corners.join(":")}:sense=destination:interpolation=cubic`,
      `gblur=sigma=${blur}`,
      `eq=brightness=${brightness}:gamma=${gamma}`,
    );
    Object.assign(layer, { width, height });
    return { border, moved, blur, brightness, gamma };
  },
};

export const FRAME_EDITS = {
  crop,
  letterbox,
  pillarbox,
  vertical,
  mirror,
  quarter_turn: quarterTurn,
  rotation,
  perspective,
};
