// Where a video goes to and fro between pictures, as a strobe does: another picture is shown between two that are
// alike for less than the time from one sampled frame to the next, so that no frame stands for its interval.

export interface Stretch {
  startS: number;
  endS: number;
}

/** Grey levels: pictures show something else when a mean or a deviation differs by more. */
const LEAST_CHANGE = 12;
/** Pictures back at most to which one returns. */
const FURTHEST_BACK = 4;
/** A picture is like an earlier one when it differs from it by less than this part of its change from the last one. */
const ALIKE = 0.4;
/** So many returns within so many pictures, of which there are some eight a second: cuts come more slowly. */
const RETURNS = 4;
const WITHIN_PICTURES = 12;

/** Of pictures in order, each by a few numbers: means and deviations of its planes, in grey levels. */
export class FlickerDetector {
  readonly #earlier: { measures: readonly number[]; timeS: number }[] = [];
  readonly #returns: (Stretch & { number: number })[] = [];
  readonly #stretches: Stretch[] = [];
  #count = 0;

  add(measures: readonly number[], timeS: number): void {
    const number = this.#count++;
    const [last, ...before] = this.#earlier;
    if (last) {
      const change = difference(measures, last.measures);
      const isBack =
        change > LEAST_CHANGE &&
        before.some((earlier) => difference(measures, earlier.measures) < ALIKE * change);
      if (isBack) this.#note({ number, startS: last.timeS, endS: timeS });
    }
    this.#earlier.unshift({ measures, timeS });
    this.#earlier.length = Math.min(this.#earlier.length, FURTHEST_BACK);
  }

  /** In order, apart from one another; seconds as `add` got them. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  #note(found: Stretch & { number: number }): void {
    this.#returns.push(found);
    const first = this.#returns.at(-RETURNS);
    if (first === undefined || found.number - first.number >= WITHIN_PICTURES) return;
    const open = this.#stretches.at(-1);
    if (open && first.startS <= open.endS) open.endS = found.endS;
    else this.#stretches.push({ startS: first.startS, endS: found.endS });
  }
}

const difference = (a: readonly number[], b: readonly number[]) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);
