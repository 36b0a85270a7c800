// Compares two generations: references that are in both are looked up in their library by their stored descriptors, each
// without itself. Do both models find the same ones? Without pictures, queries are compared by their whole frames only.

import { createHash } from "node:crypto";
import type { FoundMatch, MaintenanceRequest, MaintenanceResult } from "@twinframe/shared/contract";
import type { Generations } from "../generations/generations.ts";
import { excluding } from "../index/excluding.ts";
import type { StoreWork } from "../index/index-store.ts";
import type { EntryPosition } from "../index/reference-record.ts";
import type { IndexAdmin, IndexReader } from "../index/vector-index.ts";
import { candidatesIn } from "../pipeline/candidates.ts";
import { namesOfKey } from "../pipeline/library-key.ts";
import { lookUp } from "../pipeline/look-up.ts";
import type { Stages } from "../pipeline/stages.ts";
import { matchesOf, rounded } from "../verdict/match.ts";
import { StageClock } from "../work/stage-clock.ts";

type Comparison = Extract<MaintenanceResult, { kind: "compare" }>;
type ReportedMatches = Comparison["differing"][number]["first"];

const PAGE = 500;
const MOST_DIFFERING = 50;
/** Some references are not in the other generation: so many times as many are picked. */
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
    const inFirst = await matchesIn(first, picked);
    const inSecond = await matchesIn(second, picked);
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
        first: reported(inFirst),
        second: reported(inSecond),
      });
  }
  if (result.both > 0) result.score_shift = rounded(shift / result.both, 6);
  return result;
}

/** Spread over all of them by a hash, so that the same index gives the same sample. */
async function pick(
  index: Pick<IndexAdmin, "listReferences">,
  count: number,
  signal: AbortSignal,
): Promise<Picked[]> {
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

type References = Pick<IndexReader, "getReference">;

async function isInBoth({ library, id }: EntryPosition, a: References, b: References): Promise<boolean> {
  const inA = await a.getReference(library, id);
  const inB = await b.getReference(library, id);
  return inA !== null && inB !== null && inA.jobId === inB.jobId;
}

async function matchesIn(stages: Stages, { library, id }: EntryPosition): Promise<FoundMatch[]> {
  const track = (await stages.index.descriptorsOf(library, [id])).get(id);
  if (!track) return [];
  const source = candidatesIn(library, { ...stages, index: excluding(stages.index, [id]) });
  const { candidates } = await lookUp({ track, pictures: null }, source, stages, { clock: new StageClock() });
  return matchesOf(candidates, track, stages.policy);
}

const reported = (matches: FoundMatch[]): ReportedMatches =>
  matches.map(({ reference_id, verdict, score }) => ({ reference_id, verdict, score }));
