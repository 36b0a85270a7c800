// A video's vectors, without its joining anything.

import type { FrameDescriptor, QuestionSubject } from "@twinframe/shared/contract";
import type { VideoOrigin } from "../ingest/video-origin.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { type Asking, answered } from "./answered.ts";

type GivenVideo = Extract<QuestionSubject, { kind: "video" }>;

export async function describeVideo(
  context: RequestContext,
  asking: Asking,
  origin: VideoOrigin,
): Promise<FrameDescriptor[]> {
  const { frames } = await answered<"description">(context, asking, [origin], ([video]) => ({
    question: { kind: "description", video: video as GivenVideo },
    identity: [],
  }));
  return frames;
}
