// Writes a reference to every generation of the index: each has its own model, which describes the video anew. The write
// counts only when it has reached them all; repeated, it continues where it was interrupted.

import type { ModelManifest } from "../descriptor/manifest.ts";
import type { ReferenceEntry } from "../index/reference-record.ts";
import type { IndexWriter } from "../index/vector-index.ts";
import type { ProbedFile } from "../media/index.ts";
import type { WorkContext } from "../work/work-context.ts";
import { type DescribedVideo, describe, sampledAtMiddles } from "./describe.ts";
import type { DescribeStage, WriteStage } from "./stages.ts";
import { copyAvailability, syncEpochs } from "./sync-generations.ts";

/** A video on disk that becomes a reference, under its record's id. */
export interface NewReference extends ProbedFile {
  record: Omit<
    ReferenceEntry,
    "track" | "durationS" | "seenS" | "width" | "height" | "sampledFrames" | "availability"
  >;
}

const modelName = ({ id, version }: Pick<ModelManifest, "id" | "version">) => `${id}@${version}`;

/** `described` by the model of `stages`, where the caller has that already. */
export async function writeReference(
  reference: NewReference,
  described: DescribedVideo | null,
  stages: DescribeStage & WriteStage,
  context: WorkContext,
): Promise<void> {
  const { library, id } = reference.record;
  const descriptions = new Map<string, DescribedVideo>();
  if (described) descriptions.set(modelName(stages.embedder.manifest), described);
  const done = new Set<string>();
  // Again until no further generation has been created meanwhile.
  for (;;) {
    using held = await stages.allGenerations();
    const open = held.all.filter(({ generation }) => !done.has(generation));
    if (open.length === 0) return;
    for (const { embedder } of open) {
      const model = modelName(embedder.manifest);
      if (descriptions.has(model)) continue;
      descriptions.set(model, await describe(reference, { ...sampledAtMiddles(stages), embedder }, context));
    }
    await stages.referenceMutex.runExclusive(`${library}/${id}`, async () => {
      for (const { generation, embedder, index } of open) {
        const content = descriptions.get(modelName(embedder.manifest)) as DescribedVideo;
        const target = generation === stages.generation ? stages : { index };
        await upsertDescribed(reference, content, target, context);
        done.add(generation);
      }
      await copyAvailability(reference.record, held.all);
      await syncEpochs(held.all, library);
    });
  }
}

export async function upsertDescribed(
  { record, probed }: NewReference,
  { track, sampledFrames, coverage }: DescribedVideo,
  { index }: { index: Pick<IndexWriter, "upsertReference"> },
  { clock }: WorkContext,
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

/** Deletes a reference from every generation, the live one first; whether it was in any. */
export async function deleteEverywhere(
  { library, id, jobId }: { library: string; id: string; jobId: string | undefined },
  { allGenerations, referenceMutex }: Pick<WriteStage, "allGenerations" | "referenceMutex">,
): Promise<boolean> {
  return referenceMutex.runExclusive(`${library}/${id}`, async () => {
    using held = await allGenerations();
    let found = false;
    for (const { index } of held.all) if (await index.deleteReference(library, id, jobId)) found = true;
    await syncEpochs(held.all, library);
    return found;
  });
}
