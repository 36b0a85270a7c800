// The alignment stage: one query against its candidates' tracks.

import type { FrameTrack } from "../index/vector-index.ts";
import { WorkerPort } from "../worker-port.ts";
import type { AlignedSegment, Look } from "./align.ts";
import type { AlignWorkerData } from "./align-worker.ts";

export interface Aligner {
  /** One list of segments a reference, in the order given. */
  align(query: FrameTrack, references: FrameTrack[], look?: Look | null): Promise<AlignedSegment[][]>;
  close(): Promise<void>;
}

export function startAligner(options: AlignWorkerData): Aligner {
  const worker = new WorkerPort(new URL("./align-worker.ts", import.meta.url), options);
  return {
    align: async (query, references, look) => {
      const { name = "whole", mirrored = false } = look ?? {};
      return (await worker.call("align", {
        query,
        references,
        look: { name, mirrored },
      })) as AlignedSegment[][];
    },
    close: () => worker.close(),
  };
}
