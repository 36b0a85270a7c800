import { STAGES, type Stage } from "@twinframe/shared/contract";

/** Where each stage begins, in percent of an ordinary check's time. No two stages share a percent. */
const BEGINS: Record<Stage, number> = {
  fetch: 1,
  probe: 5,
  decode: 10,
  embed: 60,
  search: 80,
  align: 90,
  index: 98,
};
const END = 100;

/** How much of the whole is done: a whole number from 1 to 99. */
export function percentOf(stage: Stage, fraction: number): number {
  const from = BEGINS[stage];
  const next = STAGES[STAGES.indexOf(stage) + 1];
  const to = next === undefined ? END : BEGINS[next];
  return Math.min(to - 1, from + Math.floor((to - from) * fraction));
}
