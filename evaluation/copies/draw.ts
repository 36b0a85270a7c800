// One query: its edits' strengths are drawn while its filter graph grows.

import type { Clip } from "./clips.ts";
import { editFits } from "./edit-turns.ts";
import { EDITS } from "./edits/all.ts";
import type { Edit, Parameters, Scene } from "./edits/edit.ts";
import { takeSound } from "./edits/sound.ts";
import { Footage } from "./footage.ts";
import { Graph } from "./graph.ts";
import type { Random } from "./random.ts";
import { type Segment, wholeOf } from "./timeline.ts";

export interface QueryBody {
  edits: { name: string; parameters: Parameters }[];
  extension: string;
  /** ffmpeg's arguments up to the output's name; null for a copy of the file itself. */
  ffmpeg: string[] | null;
  durationS: number;
  segments: Segment[];
}

export interface Chosen {
  source: Clip;
  distractors: Clip[];
  /** References that may be in the query beside its source. */
  references: Clip[];
  random: Random;
  font: string | null;
}

/** `names` decides the edits when it sees what there is to edit. */
export function drawQuery(chosen: Chosen, names: (scene: Scene) => string[]): QueryBody {
  const { source, distractors, references, random, font } = chosen;
  const graph = new Graph();
  const layer = graph.open(source, 0, source.durationS);
  const footage = new Footage(distractors, references, random, source);
  const scene: Scene = { graph, layer, random, footage, font };
  graph.crf = random.integer(20, 26);
  const edits: QueryBody["edits"] = [];
  // An edit before it in the chain may have left it too little.
  for (const name of names(scene))
    if (editFits(name, scene)) edits.push({ name, parameters: (EDITS[name] as Edit).apply(scene) });
  const { durationS, segments } = layer;
  return { edits, extension: "mp4", ffmpeg: graph.arguments(layer), durationS, segments };
}

/** The coded picture and sound as they are, in the same file or another container. */
export function copiedQuery(source: Clip, name: "identical" | "remuxed"): QueryBody {
  const { file, durationS } = source;
  const segments = [wholeOf(source, 0, durationS)];
  const own = file.slice(file.lastIndexOf(".") + 1).toLowerCase();
  if (name === "identical")
    return { edits: [{ name, parameters: {} }], extension: own, ffmpeg: null, durationS, segments };
  const extension = source.codec === "h264" && (own === "mkv" || source.name.length % 2 === 0) ? "ts" : "mkv";
  const ffmpeg = ["-i", file, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1"];
  return { edits: [{ name, parameters: { to: extension } }], extension, ffmpeg, durationS, segments };
}

export function soundTakenQuery(source: Clip, reference: Clip): QueryBody {
  const graph = new Graph();
  const layer = graph.open(source, 0, Math.min(source.durationS, reference.durationS));
  takeSound(graph, layer, reference);
  const { durationS, segments } = layer;
  const edits = [{ name: "sound_taken", parameters: { sound_of: reference.name } }];
  return { edits, extension: "mp4", ffmpeg: graph.arguments(layer), durationS, segments };
}
