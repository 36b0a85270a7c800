// Writes a reference to one generation alone, described by its model: how a new generation is filled beside the live
// one. What was replaced or deleted meanwhile must not come back, so the live generation's entry is read before and
// after the write. Every other write or delete begins with the live generation: of any two that meet, one sees the
// other.

import type { AnalysisResult } from "@twinframe/shared/contract";
import type { ReferenceRecord } from "../index/reference-record.ts";
import type { WorkContext } from "../work/work-context.ts";
import type { DescribedVideo } from "./describe.ts";
import { resultOf } from "./earlier-result.ts";
import type { WriteStage, WrittenGeneration } from "./stages.ts";
import { type NewReference, upsertDescribed } from "./write-reference.ts";

interface EntryName {
  library: string;
  id: string;
  /** The job that the entry names. */
  jobId: string;
}

interface EntryState {
  /** The generation's own entry. */
  own: ReferenceRecord | null;
  /** Of the live generation's entry. */
  availability: number;
  /** Whether the live generation has this entry; in the live generation itself, whether it has no other one. */
  isLive: boolean;
}

type Generation = Pick<WriteStage, "generation" | "index" | "allGenerations">;

async function stateOf({ library, id, jobId }: EntryName, stages: Generation): Promise<EntryState> {
  using held = await stages.allGenerations();
  const own = await stages.index.getReference(library, id);
  const live = held.all[0] as WrittenGeneration;
  if (live.generation === stages.generation)
    return { own, availability: own?.availability ?? 0, isLive: !own || own.jobId === jobId };
  const liveEntry = await live.index.getReference(library, id);
  return { own, availability: liveEntry?.availability ?? 0, isLive: liveEntry?.jobId === jobId };
}

/** The result where the entry is there already; null when it is yet to be written, or is not to be. */
export async function findWritten(
  name: EntryName,
  stages: Generation & Pick<WriteStage, "embedder">,
): Promise<AnalysisResult | null> {
  const { own, isLive } = await stateOf(name, stages);
  return isLive && own?.jobId === name.jobId ? resultOf(own, stages) : null;
}

/** Null when the live generation has another entry by now, or none: this one is then not in the generation, either. */
export async function writeToGeneration(
  reference: NewReference,
  describing: () => Promise<DescribedVideo>,
  stages: WriteStage,
  context: WorkContext,
): Promise<DescribedVideo | null> {
  const { library, id, jobId } = reference.record;
  const state = () => stateOf(reference.record, stages);
  const described = (await state()).isLive ? await describing() : null;
  return stages.referenceMutex.runExclusive(`${library}/${id}`, async () => {
    if (described && (await state()).isLive) {
      await upsertDescribed(reference, described, stages, context);
      const { isLive, availability } = await state();
      if (isLive) {
        await stages.index.setAvailability(library, id, jobId, availability);
        return described;
      }
    }
    await stages.index.deleteReference(library, id, jobId);
    return null;
  });
}
