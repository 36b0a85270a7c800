import { parseArgs } from "node:util";
import type { CaseChoice } from "./choose-cases.ts";

export interface CampaignOptions {
  parts: string[];
  seed: number;
  /** Null: until all is done. */
  minutes: number | null;
  choice: CaseChoice;
  /** Forgets what earlier runs of the seed found. */
  fresh: boolean;
}

const USAGE = `npm run torture -- [--part NAME …] [--minutes N] [--seed S] [--cases N | --case I | --slice] [--fresh]
  --part NAME    this part alone; may be given several times
  --minutes N    stops after N minutes; the same command goes on where it stopped
  --seed S       other cases (default 1)
  --cases N      at most N cases of each part, spread evenly
  --case I       replays case I of the part
  --slice        the few cases that CI runs
  --fresh        runs again what has already been run`;

/** Throws an error that says how to call the campaign. */
export function campaignOptions(args: string[], known: readonly string[]): CampaignOptions {
  const { values } = parseArgs({
    args,
    options: {
      part: { type: "string", multiple: true },
      minutes: { type: "string" },
      seed: { type: "string", default: "1" },
      cases: { type: "string" },
      case: { type: "string" },
      slice: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
    },
  });
  const whole = (name: "seed" | "cases" | "case"): number | null => {
    const text = values[name];
    if (text === undefined) return null;
    if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}"\n${USAGE}`);
    return Number(text);
  };
  const minutes = values.minutes === undefined ? null : Number(values.minutes);
  if (minutes !== null && !(minutes > 0)) throw new Error(`--minutes takes a number above 0\n${USAGE}`);
  const parts = values.part ?? [...known];
  const unknown = parts.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`there is no part "${unknown}": give one of ${known.join(", ")}\n${USAGE}`);
  const only = whole("case");
  if (only !== null && parts.length !== 1) throw new Error(`--case needs one --part\n${USAGE}`);
  const choice = { only, most: whole("cases"), slice: values.slice };
  return { parts, seed: whole("seed") ?? 1, minutes, choice, fresh: values.fresh };
}
