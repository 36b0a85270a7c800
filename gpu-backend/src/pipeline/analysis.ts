// What is known of a video while it is analysed.

import type { AnalysisTask } from "@twinframe/shared/contract";
import type { ProbedVideo } from "../media/index.ts";
import type { Speculative } from "../work/speculative.ts";
import type { DescribedVideo } from "./describe.ts";

/** A video on disk and what is to be found out about it. */
export interface VideoToAnalyse {
  /** The analysis' id; entries that it makes carry it, unless the task names another job. */
  jobId: string;
  /** `tenant/library`. */
  library: string;
  sha256: string;
  file: string;
  task: AnalysisTask;
}

export interface InspectedVideo {
  /** What players show when nobody chooses. */
  probed: ProbedVideo;
  /** Further ways in which a player could show the file. */
  others: ProbedVideo[];
  packetsSha256: string;
}

/** A video that has been inspected; decoding it was begun before it is sure to be needed. */
export interface Analysis {
  video: VideoToAnalyse;
  inspected: InspectedVideo;
  describing: Speculative<DescribedVideo>;
}
