// Fills a generation with every reference that the edge has, and that it lacks. Passes over all of them are made
// until one finds nothing more to do: what is added meanwhile the backend writes into all generations by itself.

import type { ReferenceKey } from "@twinframe/shared/contract";
import { MOST_NAMED, type ReEmbedResult } from "@twinframe/shared/contract";
import { generationOf, indexOverview, lookUpEntries } from "../backend-client/maintenance.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { embedAll } from "./embed-into.ts";
import { noteWrittenAnew } from "./entry-availability.ts";
import { requireOwnIndex } from "./settle-index.ts";
import { countReady, readyReferencesAfter, type WalkedReference } from "./store/reference-walk.ts";
import type { Turn, Work } from "./turn.ts";

/** A turn that is cut off looks at so many again. */
const PAGE = 50;

interface State {
  pass: number;
  after: ReferenceKey | null;
  total: number;
  isLive: boolean;
  /** In this pass. */
  seen: number;
  done: number;
  /** In all passes. */
  embedded: number;
  missing: number;
  cannot: ReEmbedResult["cannot"];
}

const passFrom = (pass: number, total: number, isLive: boolean, embedded: number): State => ({
  pass,
  after: null,
  total,
  isLive,
  seen: 0,
  done: 0,
  embedded,
  missing: 0,
  cannot: [],
});

/** Of these references, those that the generation lacks or has of another job. */
async function lackedBy(
  { config }: RequestContext,
  generation: string,
  rows: readonly WalkedReference[],
): Promise<WalkedReference[]> {
  const entries = await lookUpEntries(config, generation, rows);
  return rows.filter((row, i) => entries[i]?.job_id !== row.job_id);
}

const keyOf = ({ tenant, library, id }: ReferenceKey) => ({ tenant, library, id });

async function begin(context: RequestContext, generation: string): Promise<State> {
  const { config, bindings } = context;
  const overview = await indexOverview(config);
  await requireOwnIndex(context, overview);
  const isLive = generationOf(overview, generation).name === overview.live;
  return passFrom(1, await countReady(bindings.DB), isLive, 0);
}

export const reEmbed: Work<"re_embed"> = async (turn: Turn<State>, { generation }) => {
  const { context, job, signal } = turn;
  const db = context.bindings.DB;
  let state: State = turn.saved ?? (await begin(context, generation));
  for (;;) {
    const { pass, total, seen } = state;
    await turn.save(state, { done: Math.min(seen, total), total, stage: `pass ${pass}` });
    const rows = await readyReferencesAfter(db, state.after, PAGE);
    if (rows.length === 0) {
      if (state.done === 0) return resultOf(generation, state);
      state = passFrom(pass + 1, await countReady(db), state.isLive, state.embedded);
      continue;
    }
    const lacked = await lackedBy(context, generation, rows);
    const name = `${job.id}_${pass}`;
    const into = state.isLive ? null : generation;
    const cannot = await embedAll(context, lacked, { generation: into, name, signal });
    if (state.isLive) await noteWrittenAnew(context, lacked);
    const named = cannot.map(({ row, code }) => ({ ...keyOf(row), code }));
    const done = lacked.length - cannot.length;
    state = {
      ...state,
      after: keyOf(rows.at(-1)!),
      seen: seen + rows.length,
      done: state.done + done,
      embedded: state.embedded + done,
      missing: state.missing + cannot.length,
      cannot: [...state.cannot, ...named].slice(0, MOST_NAMED),
    };
  }
};

const resultOf = (generation: string, { seen, embedded, missing, cannot }: State): ReEmbedResult => ({
  kind: "re_embed",
  generation,
  references: seen,
  embedded,
  missing,
  cannot,
});
