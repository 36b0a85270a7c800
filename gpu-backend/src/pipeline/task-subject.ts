// The subject of a transient task: a video, decoded and described as for a check, or a reference as the index has it.

import { isFullySeen, type QuestionSubject } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { IndexReader } from "../index/vector-index.ts";
import { inspectVideo } from "../media/index.ts";
import type { VideoStore } from "../storage/index.ts";
import type { WorkContext } from "../work/work-context.ts";
import { noteBytes } from "../work/work-record.ts";
import { describe, sampledAtMiddles } from "./describe.ts";
import { libraryKey } from "./library-key.ts";
import type { Query } from "./look-up.ts";
import type { DescribeStage } from "./stages.ts";

export interface Subject extends Query {
  packetsSha256: string;
  /** Whether the track is all that a player could show. */
  isWhole: boolean;
}

export interface SubjectReader {
  stages: DescribeStage & { index: Pick<IndexReader, "getReference" | "descriptorsOf"> };
  store: VideoStore;
  /** Where fetched videos lie while they are described. */
  directory: string;
  maxVideoBytes: number;
}

export async function readSubject(
  tenant: string,
  subject: QuestionSubject,
  reader: SubjectReader,
  context: WorkContext,
): Promise<Subject> {
  if (subject.kind === "video") return describeVideo(subject, reader, context);
  const { library, reference_id: id } = subject;
  const { index } = reader.stages;
  const key = libraryKey(tenant, library);
  const record = await index.getReference(key, id);
  const track = (await index.descriptorsOf(key, [id])).get(id);
  // The edge asks about references that it knows: one that is not here has just been deleted, or is to come.
  if (record === null || track === undefined)
    throw new ProblemError("index_unavailable", `The index does not have "${id}" now; try again.`);
  return { track, pictures: null, packetsSha256: record.packetsSha256, isWhole: true };
}

async function describeVideo(
  { sha256, source }: Extract<QuestionSubject, { kind: "video" }>,
  { stages, store, directory, maxVideoBytes }: SubjectReader,
  context: WorkContext,
): Promise<Subject> {
  const { clock, signal } = context;
  const fetched = await clock.time("fetch", () =>
    store.fetchToFile(source, {
      directory,
      maxBytes: maxVideoBytes,
      expectedSha256: sha256,
      signal,
    }),
  );
  await using video = fetched;
  noteBytes(video.bytes);
  const { probed, others, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(video.file, stages.limits, signal),
  );
  try {
    const { track, pictures, coverage } = await describe(
      { file: video.file, probed },
      sampledAtMiddles(stages),
      context,
    );
    const isWhole = others.length === 0 && isFullySeen(coverage);
    return { track, pictures, packetsSha256: await packetsSha256, isWhole };
  } finally {
    // The hash is still reading the file.
    await packetsSha256.catch(() => {});
  }
}
