// What a question is about: a video, decoded and described as for a check, or a reference as the index has it.

import { isFullySeen, type QuestionSubject } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { inspectVideo } from "../media/index.ts";
import type { VideoStore } from "../storage/index.ts";
import { noteBytes } from "../work/work-record.ts";
import type { ComparedTrack } from "./compare.ts";
import { atMiddles, describe } from "./describe.ts";
import { libraryKey } from "./library-key.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";

export interface Subject extends ComparedTrack {
  packetsSha256: string;
  /** Whether the track is all that a player could show. */
  isWhole: boolean;
}

export interface SubjectOptions {
  stages: Stages;
  store: VideoStore;
  /** Where fetched videos lie while they are described. */
  directory: string;
  maxVideoBytes: number;
}

export async function readSubject(
  tenant: string,
  subject: QuestionSubject,
  options: SubjectOptions,
  clock: StageClock,
  signal: AbortSignal,
): Promise<Subject> {
  if (subject.kind === "video") return describeVideo(subject, options, clock, signal);
  const { library, reference_id: id } = subject;
  const { index } = options.stages;
  const key = libraryKey(tenant, library);
  const [record, tracks] = [await index.getReference(key, id), await index.descriptorsOf(key, [id])];
  const track = tracks.get(id);
  // The edge asks about references that it knows: one that is not here has just been deleted, or is to come.
  if (record === null || track === undefined)
    throw new ProblemError("index_unavailable", `The index does not have "${id}" now; try again.`);
  return { track, pictures: null, packetsSha256: record.packetsSha256, isWhole: true };
}

async function describeVideo(
  { sha256, source }: Extract<QuestionSubject, { kind: "video" }>,
  { stages, store, directory, maxVideoBytes }: SubjectOptions,
  clock: StageClock,
  signal: AbortSignal,
): Promise<Subject> {
  const fetched = await clock.time("fetch", () =>
    store.fetchToFile(source, { directory, maxBytes: maxVideoBytes, expectedSha256: sha256, signal }),
  );
  await using video = fetched;
  noteBytes(video.bytes);
  const { probed, others, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(video.file, stages.limits, signal),
  );
  try {
    const { track, pictures, coverage } = await describe(
      video.file,
      probed,
      atMiddles(stages),
      clock,
      signal,
    );
    const isWhole = others.length === 0 && isFullySeen(coverage);
    return { track, pictures, packetsSha256: await packetsSha256, isWhole };
  } finally {
    // It still reads the file.
    await packetsSha256.catch(() => {});
  }
}
