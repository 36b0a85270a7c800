// What a part of the campaign is: many small attacks of one kind, each made from a seed and a number.

export interface Part {
  name: string;
  /** One line: what is tried, and what counts as failed. */
  about: string;
  /** Case i is made from (seed, part, i) alone, so that it can be replayed by itself. */
  cases: number;
  /** How many of them CI runs, spread over all; the slices of all parts together take at most 60 s. */
  slice: number;
  /** How many cases run at the same time; one when absent. */
  atOnce?: number;
  /** Starts what the cases need: services on loopback, generated clips. */
  open(context: PartContext): Promise<RunningPart>;
}

export interface PartContext {
  seed: number;
  /** The part's own folder for what it makes; kept between runs of the same seed. */
  folder: string;
  signal: AbortSignal;
  log(line: string): void;
}

export interface RunningPart {
  /** `random` gives numbers in [0, 1), the same ones for the same (seed, part, index). */
  run(index: number, random: () => number, signal: AbortSignal): Promise<CaseResult>;
  /** Figures for the table, such as peak memory or a p99; asked after the last case. */
  figures?(): Promise<Record<string, string | number>>;
  close(): Promise<void>;
}

export interface CaseResult {
  /** Which trick; the table counts by it. */
  kind: string;
  /** False: a failure. */
  held: boolean;
  /** One sentence, when it did not hold. */
  detail?: string;
  /** Files to keep beside the replay command, when it did not hold. */
  keep?: string[];
}
