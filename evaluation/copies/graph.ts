// An ffmpeg filter graph that grows edit by edit: one query is one call of ffmpeg, however long its chain.

import type { Clip } from "./clips.ts";
import { even } from "./probe.ts";
import { cut, later, type Segment, speedOf, wholeOf } from "./timeline.ts";

/** A run of filters that has not been written down yet; `from` is "" for filters that need no input. */
export interface Strand {
  from: string;
  filters: string[];
}

/** A video in the making. */
export interface Layer {
  picture: Strand;
  sound: Strand | null;
  width: number;
  height: number;
  rate: number;
  durationS: number;
  segments: Segment[];
}

const SOUND_RATE = 44_100;
const alikeSound = `aformat=sample_rates=${SOUND_RATE}:sample_fmts=fltp:channel_layouts=stereo`;

export class Graph {
  readonly #inputs: string[][] = [];
  readonly #written: string[] = [];
  #labels = 0;
  crf = 23;

  /** A stretch of a clip. `loop` starts it over until it is long enough. */
  open(clip: Clip, startS: number, lengthS: number, loop = false): Layer {
    const frames = Math.max(1, Math.floor(lengthS * clip.rate + 1e-6));
    const durationS = frames / clip.rate;
    const i = this.#inputs.length;
    const from = loop ? ["-stream_loop", "-1"] : startS > 0 ? ["-ss", startS.toFixed(3)] : [];
    this.#inputs.push([...from, "-t", (durationS + 0.5).toFixed(3), "-i", clip.file]);
    const shape = `scale=${clip.width}:${clip.height}:flags=bicubic,setsar=1,format=yuv420p`;
    return {
      picture: {
        from: `${i}:v:0`,
        filters: [`fps=${clip.rate}:start_time=0`, shape, ...exactly(frames)],
      },
      sound: clip.hasSound
        ? {
            from: `${i}:a:0`,
            filters: [`aresample=${SOUND_RATE}:async=1:first_pts=0`, alikeSound, ...exactlyS(durationS)],
          }
        : null,
      width: clip.width,
      height: clip.height,
      rate: clip.rate,
      durationS,
      segments: [wholeOf(clip, startS, durationS)],
    };
  }

  /** Writes a strand down; gives the label of its end. */
  end(strand: Strand): string {
    if (strand.filters.length === 0) return strand.from;
    const label = `l${this.#labels++}`;
    const input = strand.from === "" ? "" : `[${strand.from}]`;
    this.#written.push(`${input}${strand.filters.join(",")}[${label}]`);
    strand.from = label;
    strand.filters = [];
    return label;
  }

  /** Lets a strand go unheard: ffmpeg refuses outputs that lead nowhere. */
  dropSound(strand: Strand): void {
    const isWritten = /^l\d+$/.test(strand.from);
    if (isWritten) this.#written.push(`[${this.end(strand)}]anullsink`);
  }

  /** A filter with several inputs and one output. */
  join(strands: Strand[], filter: string): Strand {
    const inputs = strands.map((strand) => `[${this.end(strand)}]`).join("");
    return this.#outOf(inputs, filter, 1)[0] as Strand;
  }

  split(strand: Strand): [Strand, Strand] {
    return this.#outOf(`[${this.end(strand)}]`, "split", 2) as [Strand, Strand];
  }

  #outOf(inputs: string, filter: string, outputs: number): Strand[] {
    const labels = Array.from({ length: outputs }, () => `l${this.#labels++}`);
    this.#written.push(`${inputs}${filter}${labels.map((label) => `[${label}]`).join("")}`);
    return labels.map((from) => ({ from, filters: [] }));
  }

  /** One after the other; they must have one size and one rate. */
  concatenate(layers: [Layer, ...Layer[]]): Layer {
    const withSound = layers.some(({ sound }) => sound !== null);
    const strands = layers.flatMap((layer) =>
      withSound ? [layer.picture, layer.sound ?? silence(layer.durationS)] : [layer.picture],
    );
    const inputs = strands.map((strand) => `[${this.end(strand)}]`).join("");
    const filter = `concat=n=${layers.length}:v=1:a=${withSound ? 1 : 0}`;
    const [picture, sound = null] = this.#outOf(inputs, filter, withSound ? 2 : 1);
    const segments: Segment[] = [];
    let durationS = 0;
    for (const layer of layers) {
      segments.push(...later(layer.segments, durationS));
      durationS += layer.durationS;
    }
    return { ...layers[0], picture: picture as Strand, sound, durationS, segments };
  }

  /** ffmpeg's arguments up to the output's name. */
  arguments(layer: Layer): string[] {
    const maps = ["-map", `[${this.end(layer.picture)}]`];
    if (layer.sound) maps.push("-map", `[${this.end(layer.sound)}]`, "-c:a", "aac", "-b:a", "96k");
    return [
      ...this.#inputs.flat(),
      ...["-filter_complex", this.#written.join(";")],
      ...maps,
      ...["-c:v", "libx264", "-preset", "veryfast", "-crf", String(this.crf), "-pix_fmt", "yuv420p"],
      ...["-threads", "1", "-map_metadata", "-1", "-movflags", "+faststart"],
    ];
  }
}

/** Holds the last frame of a picture that ends early, and cuts one that goes on. */
const exactly = (frames: number) => ["tpad=stop=-1:stop_mode=clone", `trim=end_frame=${frames}`];
const exactlyS = (durationS: number) => ["apad", `atrim=end=${durationS.toFixed(4)}`];

const silence = (durationS: number): Strand => ({
  from: "",
  filters: [`anullsrc=r=${SOUND_RATE}:cl=stereo`, `atrim=end=${durationS.toFixed(4)}`, alikeSound],
});

export function resize(layer: Layer, width: number, height: number): void {
  layer.width = even(width);
  layer.height = even(height);
  layer.picture.filters.push(`scale=${layer.width}:${layer.height}:flags=bicubic`, "setsar=1");
}

/** The whole picture in a frame of another shape, with bars around it. */
export function fitInto(layer: Layer, width: number, height: number): void {
  const scale = Math.min(width / layer.width, height / layer.height);
  resize(layer, Math.min(width, layer.width * scale), Math.min(height, layer.height * scale));
  layer.picture.filters.push(`pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`);
  layer.width = width;
  layer.height = height;
}

/** Another frame rate; the length changes by less than a frame. */
export function setRate(layer: Layer, rate: number): void {
  const frames = Math.max(1, Math.round(layer.durationS * rate));
  layer.picture.filters.push(`fps=${rate}:start_time=0`, ...exactly(frames));
  layer.rate = rate;
  setLength(layer, frames / rate);
}

/** Less than a frame longer or shorter. What lasts to the end does so still, at the speed that it has. */
export function setLength(layer: Layer, durationS: number): void {
  layer.sound?.filters.push(...exactlyS(durationS));
  layer.segments = layer.segments.map((segment) => {
    if (Math.abs(segment.queryEndS - layer.durationS) > 1e-6) return segment;
    const clipEndS = segment.clipEndS + (durationS - segment.queryEndS) * speedOf(segment);
    return { ...segment, queryEndS: durationS, clipEndS };
  });
  layer.durationS = durationS;
}

/** Keeps a stretch, from whole frame to whole frame; gives what was kept. */
export function keep(layer: Layer, startS: number, lengthS: number): { startS: number; lengthS: number } {
  const all = Math.round(layer.durationS * layer.rate);
  const from = Math.min(all - 1, Math.round(startS * layer.rate));
  const to = Math.min(all, from + Math.max(1, Math.round(lengthS * layer.rate)));
  const kept = { startS: from / layer.rate, lengthS: (to - from) / layer.rate };
  layer.picture.filters.push(`trim=start_frame=${from}:end_frame=${to}`, "setpts=PTS-STARTPTS");
  const end = (kept.startS + kept.lengthS).toFixed(4);
  layer.sound?.filters.push(`atrim=start=${kept.startS.toFixed(4)}:end=${end}`, "asetpts=PTS-STARTPTS");
  layer.segments = cut(layer.segments, kept.startS, kept.lengthS);
  layer.durationS = kept.lengthS;
  return kept;
}
