/** `count` of the cases 0 … total − 1, spread evenly, the first among them. */
export function spread(total: number, count: number): number[] {
  const taken = Math.min(total, count);
  return Array.from({ length: taken }, (_, k) => Math.floor((k * total) / taken));
}

export interface CaseChoice {
  /** Replays this one. */
  only: number | null;
  /** At most so many, spread evenly. */
  most: number | null;
  slice: boolean;
}

/** The numbers of the cases to run, in order. Throws when the one to replay is not a case of the part. */
export function chooseCases(part: { name: string; cases: number; slice: number }, choice: CaseChoice) {
  if (choice.only !== null) {
    if (choice.only >= part.cases)
      throw new Error(
        `part ${part.name} has the cases 0 to ${part.cases - 1}: there is no case ${choice.only}`,
      );
    return [choice.only];
  }
  return spread(part.cases, choice.most ?? (choice.slice ? part.slice : part.cases));
}
