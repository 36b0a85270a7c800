// Results of cases, a JSON line each, appended as they come: what stops the campaign loses at most the cases that run.

import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

const recordSchema = z.object({
  index: z.number().int(),
  kind: z.string(),
  held: z.boolean(),
  detail: z.string().optional(),
  ms: z.number(),
  /** The commit that was attacked. */
  commit: z.string(),
});
export type CaseRecord = z.infer<typeof recordSchema>;

export class CaseRecords {
  readonly #file: string;
  readonly #byIndex = new Map<number, CaseRecord>();

  constructor(file: string, { fresh }: { fresh: boolean }) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    if (fresh) rmSync(file, { force: true });
    for (const record of readRecords(file)) this.#byIndex.set(record.index, record);
  }

  get all(): CaseRecord[] {
    return [...this.#byIndex.values()];
  }

  /** Those that have not held yet. One that failed is run again, for it may be mended, but after the new ones. */
  left(indices: readonly number[]): number[] {
    const [unknown, failed] = [false, true].map((isKnown) =>
      indices.filter((index) => this.#byIndex.has(index) === isKnown && !this.#byIndex.get(index)?.held),
    ) as [number[], number[]];
    return [...unknown, ...failed];
  }

  add(record: CaseRecord): void {
    this.#byIndex.set(record.index, record);
    appendFileSync(this.#file, `${JSON.stringify(record)}\n`);
  }
}

/** The last line may be cut off. */
function readRecords(file: string): CaseRecord[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return [recordSchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
