export { type Box, pictureBox, WHOLE_BOX } from "./borders.ts";
export { withoutStretches } from "./coverage.ts";
export { warmUpDecoder } from "./decode.ts";
export {
  FrameFolder,
  foldFrames,
} from "./fold.ts";
export { insetBoxes } from "./insets.ts";
export { inspectVideo } from "./inspect.ts";
export { DEFAULT_MEDIA_LIMITS, type MediaLimits, startDeadline } from "./limits.ts";
export { hashVideoPackets } from "./packet-hash.ts";
export { type ProbedVideo, probeShowings, probeVideo } from "./probe.ts";
export {
  type FramesSoFar,
  type ProbedFile,
  type SampledFrames,
  sampleFrames,
} from "./sample.ts";
export { sampledSecondsOf } from "./sampling-plan.ts";
export {
  chooseSandbox,
  closeInheritedDescriptors,
  SANDBOX_MODES,
  type Sandbox,
} from "./sandbox/index.ts";
