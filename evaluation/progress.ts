// How far a long command has come, on stderr: a line that is rewritten on a terminal; in a log file one line every
// ten seconds.

import { SingleBar } from "cli-progress";
import pMap from "p-map";

/** To be called after each item; `note` stands beside the count from then on. */
export type Step = (note?: string) => void;

/** Shows `label 12/40` while `work` runs. */
export async function withProgress<T>(
  label: string,
  total: number,
  work: (step: Step) => Promise<T>,
): Promise<T> {
  const bar = new SingleBar({
    format: "{label} {value}/{total} {note}",
    stream: process.stderr,
    // Others may have written where the line stands.
    forceRedraw: true,
    linewrap: true,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  bar.start(total, 0, { label, note: "" });
  try {
    return await work((note) => bar.increment(1, note === undefined ? {} : { note }));
  } finally {
    bar.stop();
  }
}

/** Maps with at most `atOnce` at once, under a progress line; results in order. */
export function mapWithProgress<T, U>(
  label: string,
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<U>,
): Promise<U[]> {
  return withProgress(label, items.length, (step) =>
    pMap(
      items,
      async (item) => {
        const result = await work(item);
        step();
        return result;
      },
      { concurrency: atOnce },
    ),
  );
}
