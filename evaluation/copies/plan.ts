// Which queries a set has: which clip, which edits, and what is true of each. Made before anything is encoded, and
// from the seed alone.

import type { Clip } from "./clips.ts";
import { type Chosen, copiedQuery, drawQuery, type QueryBody, soundTakenQuery } from "./draw.ts";
import { EditTurns } from "./edit-turns.ts";
import { Random } from "./random.ts";

export interface PlanOptions {
  seed: number;
  perSource: number;
  /** At least this share of the queries is no copy. */
  negatives: number;
  font: string | null;
}

export interface PlannedQuery extends QueryBody {
  id: string;
  kind: "copy" | "negative";
  relation: "copy" | "same_scene" | "unrelated";
  source: Clip;
}

export interface Plan {
  references: Clip[];
  queries: PlannedQuery[];
}

const idOf = (letter: "R" | "Q", i: number) => `${letter}${(letter === "R" ? 200_001 : 100_001) + i}`;
const SHARE_SINGLE_REFERENCES = 0.75;
const SHARE_OF_SCENE = 0.5;
/** Of the copies' number: sound of a reference under another picture. */
const SHARE_SOUND_TAKEN = 0.04;

export function planSet(clips: Clip[], options: PlanOptions): Plan {
  const { references, distractors } = chooseReferences(clips, new Random(options.seed, "references"));
  const drafts = [
    ...copies(references, distractors, options),
    ...negatives(references, distractors, options),
  ];
  const shuffled = new Random(options.seed, "order").shuffled(drafts);
  return { references, queries: shuffled.map((query, i) => ({ id: idOf("Q", i), ...query })) };
}

/** About half of each scene with several clips, and about three in four of the other scenes. */
function chooseReferences(clips: Clip[], random: Random): { references: Clip[]; distractors: Clip[] } {
  const scenes = [...Map.groupBy(clips, ({ group }) => group).values()];
  const alone = random.shuffled(scenes.filter(({ length }) => length === 1).flat());
  // Of two or three videos one stays out, too: without negatives a set says little.
  const most = Math.max(1, alone.length - 1);
  const chosen = new Set(alone.slice(0, Math.min(most, Math.ceil(SHARE_SINGLE_REFERENCES * alone.length))));
  for (const scene of scenes.filter(({ length }) => length > 1))
    for (const clip of random.shuffled(scene).slice(0, Math.round(SHARE_OF_SCENE * scene.length)))
      chosen.add(clip);
  const references = clips
    .filter((clip) => chosen.has(clip))
    .map((clip, i) => ({ ...clip, referenceId: idOf("R", i) }));
  return { references, distractors: clips.filter((clip) => !chosen.has(clip)) };
}

type Draft = Omit<PlannedQuery, "id">;

/** Every second copy has one edit, the others have two or three; edits take turns. */
function copies(references: Clip[], distractors: Clip[], options: PlanOptions): Draft[] {
  const turns = new EditTurns(new Random(options.seed, "copies/turns"));
  return references.flatMap((source, i) =>
    Array.from({ length: options.perSource }, (_, k) => {
      const random = new Random(options.seed, `copies/${source.name}/${k}`);
      const chosen: Chosen = { source, distractors, references, random, font: options.font };
      const single = (i + k) % 2 === 0;
      const body = queryOf(chosen, turns, single);
      return { ...body, kind: "copy" as const, relation: "copy" as const, source };
    }),
  );
}

/** Same scenes and unrelated videos by turns: each plain once, then edited. */
function negatives(references: Clip[], distractors: Clip[], options: PlanOptions): Draft[] {
  const random = new Random(options.seed, "negatives");
  const turns = new EditTurns(new Random(options.seed, "negatives/turns"));
  const inLibrary = new Set(references.map(({ group }) => group));
  const [sameScene, unrelated] = [true, false].map((same) =>
    random.shuffled(distractors.filter(({ group }) => inLibrary.has(group) === same)),
  ) as [Clip[], Clip[]];
  const sides = [sameScene, unrelated].filter(({ length }) => length > 0);
  const copiesCount = references.length * options.perSource;
  const wanted = Math.ceil((copiesCount * options.negatives) / (1 - options.negatives));
  const drafts: Draft[] = soundTaken(
    references,
    unrelated,
    Math.ceil(SHARE_SOUND_TAKEN * copiesCount),
    options,
  );
  for (let i = 0; sides.length > 0 && drafts.length < wanted; i++) {
    const side = sides[i % sides.length] as Clip[];
    const turn = Math.floor(i / sides.length);
    const source = side[turn % side.length] as Clip;
    const round = Math.floor(turn / side.length);
    const chosen: Chosen = {
      source,
      distractors,
      references: [],
      random: new Random(options.seed, `negatives/${source.name}/${round}`),
      font: options.font,
    };
    const body = round === 0 ? copiedQuery(source, "identical") : queryOf(chosen, turns, round % 2 === 1);
    // What it was put into or beside may show a scene of the library, too.
    const sharesScene = body.segments.some(({ clip }) => inLibrary.has(clip.group));
    const relation = sharesScene ? "same_scene" : "unrelated";
    drafts.push({ ...body, kind: "negative", relation, source });
  }
  return drafts;
}

function soundTaken(references: Clip[], unrelated: Clip[], count: number, options: PlanOptions): Draft[] {
  const random = new Random(options.seed, "sound taken");
  const pairs = unrelated.flatMap((source) =>
    references
      .filter(({ hasSound, durationS }) => hasSound && Math.min(durationS, source.durationS) >= 3)
      .map((reference) => ({ source, reference })),
  );
  return random
    .shuffled(pairs)
    .slice(0, count)
    .map(({ source, reference }) => ({
      ...soundTakenQuery(source, reference),
      kind: "negative",
      relation: "unrelated",
      source,
    }));
}

function queryOf(chosen: Chosen, turns: EditTurns, single: boolean): QueryBody {
  const { source } = chosen;
  if (!single) return drawQuery(chosen, (scene) => turns.chain(scene, chosen.random.integer(2, 3)));
  let copied: "identical" | "remuxed" | null = null;
  const body = drawQuery(chosen, (scene) => {
    const name = turns.single(scene, source.name);
    if (name === "identical" || name === "remuxed") {
      copied = name;
      return [];
    }
    return [name];
  });
  return copied ? copiedQuery(source, copied) : body;
}
