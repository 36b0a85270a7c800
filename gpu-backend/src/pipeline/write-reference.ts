// A reference into every generation of the index: each has its own model, which describes the video anew. The
// write counts only when it has reached them all; asked for again, it goes on where it was.

import type { ModelManifest } from "../descriptor/manifest.ts";
import type { ReferenceEntry, VectorIndex } from "../index/vector-index.ts";
import type { ProbedVideo } from "../media/index.ts";
import { atMiddles, type DescribedVideo, describe } from "./describe.ts";
import { bringIntoStep, copyAvailability } from "./in-step.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";

/** A video on disk that becomes a reference, under its record's id. */
export interface NewReference {
  record: Omit<
    ReferenceEntry,
    "track" | "durationS" | "seenS" | "width" | "height" | "sampledFrames" | "availability"
  >;
  file: string;
  probed: ProbedVideo;
}

const modelName = ({ id, version }: Pick<ModelManifest, "id" | "version">) => `${id}@${version}`;

/** Of generations that are described already: the one of `stages`, where the caller has it. */
export async function writeReference(
  reference: NewReference,
  described: DescribedVideo | null,
  stages: Stages,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<void> {
  const { library, id } = reference.record;
  const descriptions = new Map<string, DescribedVideo>();
  if (described) descriptions.set(modelName(stages.embedder.manifest), described);
  const done = new Set<string>();
  // Until no other one has been made meanwhile.
  for (;;) {
    using held = await stages.allGenerations();
    const open = held.all.filter(({ generation }) => !done.has(generation));
    if (open.length === 0) return;
    for (const { embedder } of open) {
      const model = modelName(embedder.manifest);
      if (descriptions.has(model)) continue;
      const { file, probed } = reference;
      descriptions.set(
        model,
        await describe(file, probed, { ...atMiddles(stages), embedder }, clock, signal),
      );
    }
    await stages.referenceLock.hold(`${library}/${id}`, async () => {
      for (const { generation, embedder, index } of open) {
        const content = descriptions.get(modelName(embedder.manifest)) as DescribedVideo;
        await put(reference, content, generation === stages.generation ? stages.index : index, clock);
        done.add(generation);
      }
      await copyAvailability(reference.record, held.all);
      await bringIntoStep(held.all, library);
    });
  }
}

export async function put(
  { record, probed }: NewReference,
  { track, sampledFrames, coverage }: DescribedVideo,
  index: VectorIndex,
  clock: StageClock,
): Promise<void> {
  const { durationS } = track;
  const { width, height } = probed;
  const seenS = coverage.seen_s;
  await clock.time("index", () =>
    index.upsertReference({
      ...record,
      availability: 0,
      durationS,
      seenS,
      width,
      height,
      sampledFrames,
      track,
    }),
  );
}

/** Out of every generation, the live one first; whether it was in any. */
export async function deleteEverywhere(
  { library, id, jobId }: { library: string; id: string; jobId: string | undefined },
  { allGenerations, referenceLock }: Pick<Stages, "allGenerations" | "referenceLock">,
): Promise<boolean> {
  return referenceLock.hold(`${library}/${id}`, async () => {
    using held = await allGenerations();
    let found = false;
    for (const { index } of held.all) if (await index.deleteReference(library, id, jobId)) found = true;
    await bringIntoStep(held.all, library);
    return found;
  });
}
