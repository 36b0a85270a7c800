// Edits that move time.

import { keep, setLength } from "../graph.ts";
import { faster } from "../timeline.ts";
import type { Edit } from "./edit.ts";

const speed: Edit = {
  family: "speed",
  stage: "any",
  minS: 2,
  apply({ layer, random }) {
    const factor = random.chance(0.5) ? random.between(0.75, 0.93) : random.between(1.08, 1.33);
    const frames = Math.floor((layer.durationS / factor) * layer.rate);
    layer.picture.filters.push(
      `setpts=PTS/${factor}`,
      `fps=${layer.rate}:start_time=0`,
      "tpad=stop=-1:stop_mode=clone",
      `trim=end_frame=${frames}`,
    );
    layer.sound?.filters.push(`atempo=${factor}`);
    layer.segments = faster(layer.segments, factor);
    layer.durationS /= factor;
    setLength(layer, frames / layer.rate);
    return { factor };
  },
};

const excerpt: Edit = {
  family: "length",
  stage: "first",
  minS: 4,
  apply({ layer, random }) {
    const lengthS = random.between(3, Math.min(8, 0.75 * layer.durationS), 2);
    const kept = keep(layer, random.between(0, layer.durationS - lengthS, 2), lengthS);
    return { start_s: Number(kept.startS.toFixed(3)), length_s: Number(kept.lengthS.toFixed(3)) };
  },
};

export const TIME_EDITS = { speed, excerpt };
