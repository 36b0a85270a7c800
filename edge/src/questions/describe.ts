// A video's vectors, without its joining anything.

import type { FrameDescriptor, QuestionSubject } from "@twinframe/shared/contract";
import type { VideoOrigin } from "../intake/video-origin.ts";
import type { Services } from "../services.ts";
import { type Asking, answered } from "./answered.ts";

type GivenVideo = Extract<QuestionSubject, { kind: "video" }>;

export async function describeVideo(
  services: Services,
  asking: Asking,
  origin: VideoOrigin,
): Promise<FrameDescriptor[]> {
  const { frames } = await answered<"description">(services, asking, [origin], ([video]) => ({
    question: { kind: "description", video: video as GivenVideo },
    identity: [],
  }));
  return frames;
}
