export { type Box, pictureBox, WHOLE_BOX } from "./borders.ts";
export { withoutStretches } from "./coverage.ts";
export { warmUpDecoder } from "./decode.ts";
export {
  DEFAULT_FOLD_OPTIONS,
  type FoldedFrame,
  type FoldOptions,
  type FoldResult,
  FrameFolder,
  foldFrames,
} from "./fold.ts";
export { type Frames, insetBoxes } from "./insets.ts";
export { inspectVideo, type VideoInspection } from "./inspect.ts";
export { DEFAULT_MEDIA_LIMITS, type MediaLimits, startDeadline } from "./limits.ts";
export { hashVideoPackets } from "./packet-hash.ts";
export { type ProbedVideo, probeShowings, probeVideo } from "./probe.ts";
export {
  type FramesSoFar,
  type ProbedFile,
  type SampledFrames,
  type SamplingObserver,
  sampleFrames,
} from "./sample.ts";
export { type SamplingOptions, sampledSecondsOf } from "./sampling-plan.ts";
export {
  chooseSandbox,
  closeInheritedDescriptors,
  SANDBOX_MODES,
  type Sandbox,
  type SandboxMode,
} from "./sandbox/index.ts";
