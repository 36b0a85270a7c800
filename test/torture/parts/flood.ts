// One tenant against another: the one floods, the other sends a check now and then and must not notice.

import type { Part } from "../part.ts";
import { openArena } from "./flood/arena.ts";
import { FLOODS } from "./flood/floods.ts";
import { percentile, quietChecks } from "./flood/quiet.ts";

/** Of the quiet tenant beside the flood; and as many alone, half of them before it and half after. */
const CHECKS = 12;
const MOST_TIMES = 2;

const ms = (value: number) => `${Math.round(value)} ms`;

export const part: Part = {
  name: "flood",
  about:
    "one tenant floods with checks, imports, event streams and wrong keys; failed: another one's check is refused, " +
    `or its p99 is over ${MOST_TIMES} × its own when alone`,
  cases: FLOODS.length * 4,
  slice: 1,
  open: async (context) => {
    const arena = await openArena(context);
    const all = { alone: [] as number[], beside: [] as number[] };
    let turnedAway = 0;
    return {
      run: async (index, random, signal) => {
        const flood = FLOODS[index % FLOODS.length]!;
        const before = await quietChecks(arena, CHECKS / 2, random, signal);
        const over = new AbortController();
        const both = AbortSignal.any([signal, over.signal]);
        const flooding = flood.run(arena, random, both);
        const beside = await quietChecks(arena, CHECKS, random, signal);
        over.abort();
        turnedAway += (await flooding).refused;
        await arena.calm();
        const after = await quietChecks(arena, CHECKS / 2, random, signal);
        const alone = [...before.latenciesMs, ...after.latenciesMs];
        all.alone.push(...alone);
        all.beside.push(...beside.latenciesMs);
        const [usual, during] = [percentile(alone, 99), percentile(beside.latenciesMs, 99)];
        const refused = [...before.refused, ...beside.refused, ...after.refused];
        // The first round judges by refusals alone, so that what CI runs of it does not depend on the machine.
        const judgesTime = index >= FLOODS.length;
        const held = refused.length === 0 && (!judgesTime || during <= MOST_TIMES * usual);
        const detail =
          refused.length > 0
            ? `the quiet tenant was refused: ${refused.slice(0, 3).join("; ")}`
            : `the quiet tenant's p99 was ${ms(during)} beside the flood, ${ms(usual)} alone`;
        return { kind: flood.kind, held, ...(held ? {} : { detail }) };
      },
      figures: async () => ({
        "p99 alone": ms(percentile(all.alone, 99)),
        "p99 in the flood": ms(percentile(all.beside, 99)),
        "p50 alone": ms(percentile(all.alone, 50)),
        "p50 in the flood": ms(percentile(all.beside, 50)),
        checks: all.beside.length,
        "of the flood refused": turnedAway,
      }),
      close: () => arena.close(),
    };
  },
};
