// A reference into one generation alone, described by its model: how a new generation is filled beside the live
// one. What was replaced or deleted meanwhile must not come back, so the live generation's entry is looked at
// before and after the write. Whoever else writes or deletes begins with the live one: of any two that meet, one
// sees the other.

import type { AnalysisResult } from "@twinframe/shared/contract";
import type { ReferenceRecord } from "../index/vector-index.ts";
import type { DescribedVideo } from "./describe.ts";
import { resultOf } from "./finished-before.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";
import { type NewReference, put } from "./write-reference.ts";

/** Which entry is to be written. */
interface EntryName {
  library: string;
  id: string;
  /** The job that the entry names. */
  jobId: string;
}

interface Place {
  /** The generation's own entry. */
  here: ReferenceRecord | null;
  /** Of the entry that answers. */
  availability: number;
  /** Whether the entry is still the one that answers; in the live generation itself, whether none is in its way. */
  isInForce: boolean;
}

async function lookAt({ library, id, jobId }: EntryName, stages: Stages): Promise<Place> {
  using held = await stages.allGenerations();
  const here = await stages.index.getReference(library, id);
  const live = held.all[0] as Stages;
  if (live.generation === stages.generation)
    return { here, availability: here?.availability ?? 0, isInForce: !here || here.jobId === jobId };
  const inForce = await live.index.getReference(library, id);
  return { here, availability: inForce?.availability ?? 0, isInForce: inForce?.jobId === jobId };
}

/** The result where the entry is there already; null when it is yet to be written, or is not to be. */
export async function writtenBefore(name: EntryName, stages: Stages): Promise<AnalysisResult | null> {
  const { here, isInForce } = await lookAt(name, stages);
  return isInForce && here?.jobId === name.jobId ? resultOf(here, stages) : null;
}

/** Null when another entry is in force by now, or none: this one is then not in the generation, either. */
export async function writeIntoOne(
  reference: NewReference,
  describing: () => Promise<DescribedVideo>,
  stages: Stages,
  clock: StageClock,
): Promise<DescribedVideo | null> {
  const { library, id, jobId } = reference.record;
  const look = () => lookAt(reference.record, stages);
  const described = (await look()).isInForce ? await describing() : null;
  return stages.referenceLock.hold(`${library}/${id}`, async () => {
    if (described && (await look()).isInForce) {
      await put(reference, described, stages.index, clock);
      const { isInForce, availability } = await look();
      if (isInForce) {
        await stages.index.setAvailability(library, id, jobId, availability);
        return described;
      }
    }
    await stages.index.deleteReference(library, id, jobId);
    return null;
  });
}
