// Edits that draw over the picture.

import { even } from "../probe.ts";
import type { Edit, Scene } from "./edit.ts";

const WORDS =
  "watch this again wait for it the best part so good no way part two смотри до конца вот это да".split(" ");

const captions: Edit = {
  family: "captions",
  stage: "any",
  apply(scene) {
    const { layer, random } = scene;
    const at = random.pick(["top", "bottom", "bottom"]);
    const high = random.between(0.06, 0.1);
    const lines: string[] = [];
    for (let startS = 0; startS < layer.durationS; ) {
      const endS = startS + random.between(1.5, 3.5, 2);
      const text = random.shuffled(WORDS).slice(0, random.integer(2, 4)).join(" ");
      const during = `enable='between(t,${startS.toFixed(2)},${(endS - 0.02).toFixed(2)})'`;
      layer.picture.filters.push(caption(scene, text, high, at === "top" ? 0.06 : 0.94 - high, during));
      lines.push(text);
      startS = endS;
    }
    return { at, high, lines, as: scene.font ? "text" : "bars" };
  },
};

/** `high` and `top` are shares of the frame's height. */
function caption({ layer, font }: Scene, text: string, high: number, top: number, during: string): string {
  const widest = (0.92 * layer.width) / (0.62 * text.length);
  const size = Math.max(8, Math.round(Math.min(high * layer.height, widest)));
  const y = Math.round(top * layer.height);
  if (font)
    return (
      `drawtext=fontfile='${font}':text='${text}':fontsize=${size}:fontcolor=white:` +
      `box=1:boxcolor=black@0.6:boxborderw=${Math.round(size / 4)}:x=(w-tw)/2:y=${y}:${during}`
    );
  // Word by word, as far as boxes can.
  let x = Math.round((layer.width - 0.6 * size * text.length) / 2);
  const words = text.split(" ").map((word) => {
    const width = Math.round(0.6 * size * word.length);
    const box = `drawbox=x=${x}:y=${y}:w=${width}:h=${size}:c=white:t=fill:${during}`;
    x += width + Math.round(0.6 * size);
    return box;
  });
  return words.join(",");
}

/** A two-coloured sign that stays in a corner or wanders about. */
const logo: Edit = {
  family: "logo",
  stage: "any",
  apply({ graph, layer, random }) {
    const share = random.between(0.14, 0.26);
    const side = share * Math.sqrt(layer.width * layer.height);
    const [width, height] = [even(Math.min(side, 0.4 * layer.width)), even(side * 0.45)];
    const [colour, inner] = random.shuffled(["red", "white", "orange", "blue", "green", "black"]) as [
      string,
      string,
    ];
    const opacity = random.between(0.7, 1, 2);
    const moving = random.chance(0.7);
    const [across, down] = [random.between(4, 11, 1), random.between(4, 11, 1)];
    const wander = (room: string, period: number) => `'(${room})*(0.5+0.45*sin(2*PI*t/${period}))'`;
    const corner = random.pick(["W*0.03", "W*0.97-w"]);
    const place = moving
      ? `x=${wander("W-w", across)}:y=${wander("H-h", down)}`
      : `x=${corner}:y=${random.pick(["H*0.03", "H*0.97-h"])}`;
    const sign = {
      from: "",
      filters: [
        `color=c=${colour}:s=${width}x${height}:r=${layer.rate}:d=${(layer.durationS + 1).toFixed(2)}`,
        `drawbox=x=iw*0.12:y=ih*0.22:w=iw*0.3:h=ih*0.56:c=${inner}:t=fill`,
        `drawbox=x=iw*0.52:y=ih*0.4:w=iw*0.36:h=ih*0.2:c=${inner}:t=fill`,
        `format=yuva420p,colorchannelmixer=aa=${opacity}`,
      ],
    };
    layer.picture = graph.join([layer.picture, sign], `overlay=${place}:shortest=1`);
    return { share, opacity, moving };
  },
};

/** Picture and sound go on behind them: no time is inserted. */
const blackFlashes: Edit = {
  family: "flashes",
  stage: "any",
  minS: 2,
  apply({ layer, random }) {
    const moments: number[] = [];
    for (let atS = random.between(0.3, 1.5); atS < layer.durationS - 0.3; atS += random.between(1, 3.5))
      moments.push(Number(atS.toFixed(2)));
    const lastS = random.between(0.08, 0.3, 2);
    const when = moments.map((atS) => `between(t,${atS},${(atS + lastS).toFixed(2)})`).join("+");
    layer.picture.filters.push(`drawbox=x=0:y=0:w=iw:h=ih:c=black:t=fill:enable='${when}'`);
    return { moments, each_s: lastS };
  },
};

export const DRAWN_EDITS = { captions, logo, black_flashes: blackFlashes };
