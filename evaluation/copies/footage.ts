// Other people's videos that a copy is put into or beside. Mostly clips that are in no library; now and then
// another reference, which then is truly there, too.

import type { Clip } from "./clips.ts";
import type { Random } from "./random.ts";

const SHARE_FROM_REFERENCES = 0.25;

export class Footage {
  readonly #random: Random;
  #distractors: Clip[];
  #references: Clip[];

  constructor(distractors: Clip[], references: Clip[], random: Random, source: Clip) {
    this.#random = random;
    this.#distractors = distractors.filter(({ group }) => group !== source.group);
    this.#references = references.filter(({ group }) => group !== source.group);
  }

  /** Whether `count` clips of different scenes last as long. */
  has(durationS: number, count = 1): boolean {
    const long = [...this.#distractors, ...this.#references].filter((clip) => clip.durationS >= durationS);
    return new Set(long.map(({ group }) => group)).size >= count;
  }

  /** Another scene each time. Throws when there is none: ask `has` first. */
  take(durationS: number): Clip {
    const long = (clips: Clip[]) => clips.filter((clip) => clip.durationS >= durationS);
    const [distractors, references] = [long(this.#distractors), long(this.#references)];
    const fromReferences =
      references.length > 0 && (distractors.length === 0 || this.#random.chance(SHARE_FROM_REFERENCES));
    return this.#used(this.#random.pick(fromReferences ? references : distractors));
  }

  get hasSound(): boolean {
    return this.#distractors.some(({ hasSound }) => hasSound);
  }

  /** Never a reference's sound: its own label would be missing. */
  takeSound(): Clip {
    return this.#used(this.#random.pick(this.#distractors.filter(({ hasSound }) => hasSound)));
  }

  get hasDistractor(): boolean {
    return this.#distractors.length > 0;
  }

  /** One that may have to start over to last as long: no reference, as its times could not be labelled. */
  takeDistractor(): Clip {
    return this.#used(this.#random.pick(this.#distractors));
  }

  #used(clip: Clip): Clip {
    this.#distractors = this.#distractors.filter(({ group }) => group !== clip.group);
    this.#references = this.#references.filter(({ group }) => group !== clip.group);
    return clip;
  }
}
