// Two generations asked the same: references that are in both, each looked up in its library by its stored
// descriptors, itself left out. Do both models name the same ones? Without their pictures, queries are looked at
// as a whole only.

import { createHash } from "node:crypto";
import type { FoundMatch, MaintenanceRequest, MaintenanceResult } from "@twinframe/shared/contract";
import type { Generations } from "../generations/generations.ts";
import { excluding } from "../index/excluding.ts";
import type { StoreWork } from "../index/index-store.ts";
import type { EntryPosition, VectorIndex } from "../index/vector-index.ts";
import { alignCandidates, judgeCandidates } from "../pipeline/compare.ts";
import { namesOfKey } from "../pipeline/library-key.ts";
import { StageClock } from "../pipeline/progress.ts";
import type { Stages } from "../pipeline/stages.ts";
import { rounded } from "../verdict/judge.ts";

type Comparison = Extract<MaintenanceResult, { kind: "compare" }>;
type Told = Comparison["differing"][number]["first"];

const PAGE = 500;
const MOST_DIFFERING = 50;
/** Of those picked, some are not in the other generation: so many times as many are picked. */
const SPARE = 4;

interface Picked extends EntryPosition {
  place: string;
}

export async function compareGenerations(
  generations: Generations,
  { generation, with: other, sample }: Extract<MaintenanceRequest, { kind: "compare" }>,
  { onProgress, signal }: Required<Omit<StoreWork, "jobId">>,
): Promise<Comparison> {
  using one = await generations.hold(generation);
  using two = await generations.hold(other);
  const [first, second] = [one.stages, two.stages];
  const result: Comparison = {
    kind: "compare",
    compared: 0,
    both: 0,
    only_first: 0,
    only_second: 0,
    score_shift: 0,
    differing: [],
  };
  let shift = 0;
  for (const picked of await pick(first.index, sample * SPARE, signal)) {
    signal.throwIfAborted();
    if (result.compared === sample) break;
    if (!(await isInBoth(picked, first.index, second.index))) continue;
    const [inFirst, inSecond] = [await lookUp(picked, first), await lookUp(picked, second)];
    result.compared++;
    onProgress(result.compared / sample);
    const scores = new Map(inSecond.map(({ reference_id, score }) => [reference_id, score]));
    const shared = inFirst.filter(({ reference_id }) => scores.has(reference_id));
    result.both += shared.length;
    result.only_first += inFirst.length - shared.length;
    result.only_second += inSecond.length - shared.length;
    for (const { reference_id, score } of shared) shift += (scores.get(reference_id) as number) - score;
    const differs = shared.length < Math.max(inFirst.length, inSecond.length);
    if (differs && result.differing.length < MOST_DIFFERING)
      result.differing.push({
        ...namesOfKey(picked.library),
        id: picked.id,
        first: told(inFirst),
        second: told(inSecond),
      });
  }
  if (result.both > 0) result.score_shift = rounded(shift / result.both, 6);
  return result;
}

/** Spread over all of them by a hash, so that the same index gives the same sample. */
async function pick(index: VectorIndex, count: number, signal: AbortSignal): Promise<Picked[]> {
  let picked: Picked[] = [];
  const byPlace = (a: Picked, b: Picked) => (a.place < b.place ? -1 : 1);
  for (let after: EntryPosition | null = null; ; ) {
    signal.throwIfAborted();
    const page = await index.listReferences(after, PAGE);
    if (page.length === 0) return picked.sort(byPlace).slice(0, count);
    for (const { library, id } of page) {
      after = { library, id };
      picked.push({ library, id, place: createHash("sha256").update(`${library}/${id}`).digest("hex") });
    }
    if (picked.length > count + 10 * PAGE) picked = picked.sort(byPlace).slice(0, count);
  }
}

async function isInBoth({ library, id }: EntryPosition, a: VectorIndex, b: VectorIndex): Promise<boolean> {
  const [inA, inB] = [await a.getReference(library, id), await b.getReference(library, id)];
  return inA !== null && inB !== null && inA.jobId === inB.jobId;
}

async function lookUp({ library, id }: EntryPosition, stages: Stages): Promise<FoundMatch[]> {
  const track = (await stages.index.descriptorsOf(library, [id])).get(id);
  if (!track) return [];
  const index = excluding(stages.index, [id]);
  const candidates = await alignCandidates(
    library,
    { track, pictures: null },
    { ...stages, index },
    new StageClock(),
  );
  return judgeCandidates(candidates, track, stages.policy);
}

const told = (matches: FoundMatch[]): Told =>
  matches.map(({ reference_id, verdict, score }) => ({ reference_id, verdict, score }));
