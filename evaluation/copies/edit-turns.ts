// Whose turn it is: every edit stands alone about as often as the others, and so in chains, as far as the sources
// allow (many edits make no sense on a clip of two seconds).

import { COPIED, EDITS } from "./edits/all.ts";
import type { Edit, Scene } from "./edits/edit.ts";
import type { Random } from "./random.ts";

const STAGES: Edit["stage"][] = ["first", "any", "last"];

export function editFits(name: string, scene: Scene): boolean {
  const { minS = 0, fits } = EDITS[name] as Edit;
  return scene.layer.durationS >= minS && (fits?.(scene) ?? true);
}

export class EditTurns {
  readonly #random: Random;
  readonly #alone = new Map<string, number>();
  readonly #inChains = new Map<string, number>();
  /** `source/edit` of the single edits so far. */
  readonly #had = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** One edit, new for this source while there is a new one. */
  single(scene: Scene, source: string): string {
    const fitting = [...COPIED, ...Object.keys(EDITS).filter((name) => editFits(name, scene))];
    const fresh = fitting.filter((name) => !this.#had.has(`${source}/${name}`));
    const name = this.#next(fresh.length > 0 ? fresh : fitting, this.#alone);
    this.#had.add(`${source}/${name}`);
    return name;
  }

  /** Several of different families, in an order that makes sense. */
  chain(scene: Scene, length: number): string[] {
    const names: string[] = [];
    let left = Object.keys(EDITS).filter((name) => editFits(name, scene));
    while (names.length < length && left.length > 0) {
      const name = this.#next(left, this.#inChains);
      names.push(name);
      left = left.filter((other) => EDITS[other]?.family !== EDITS[name]?.family);
    }
    const shuffled = this.#random.shuffled(names);
    return STAGES.flatMap((stage) => shuffled.filter((name) => EDITS[name]?.stage === stage));
  }

  #next(names: string[], turns: Map<string, number>): string {
    const least = Math.min(...names.map((name) => turns.get(name) ?? 0));
    const name = this.#random.pick(names.filter((one) => (turns.get(one) ?? 0) === least));
    turns.set(name, least + 1);
    return name;
  }
}
