// The alignment stage: one query against its candidates' tracks.

import type { FrameTrack } from "../index/vector-index.ts";
import { WorkerPort } from "../worker-port.ts";
import { type AlignedSegment, type Look, WHOLE_LOOK } from "./align.ts";
import type { AlignWorkerData, PictureInput } from "./align-worker.ts";
import type { MatrixPicture } from "./picture/matrix-picture.ts";

export interface Aligner {
  /** One list of segments a reference, in the order given. */
  align(query: FrameTrack, references: FrameTrack[], look?: Look | null): Promise<AlignedSegment[][]>;
  /** The similarity matrix of a pair, at most `maxSide` pixels a side; null when there is nothing to show. */
  picture(input: PictureInput): Promise<MatrixPicture | null>;
  close(): Promise<void>;
}

export function startAligner(options: AlignWorkerData): Aligner {
  const worker = new WorkerPort(new URL("./align-worker.ts", import.meta.url), options);
  return {
    align: async (query, references, look) => {
      const { name, kind, mirrored } = look ?? WHOLE_LOOK;
      return (await worker.call("align", {
        query,
        references,
        look: { name, kind, mirrored },
      })) as AlignedSegment[][];
    },
    picture: async (input) => (await worker.call("picture", input)) as MatrixPicture | null,
    close: () => worker.close(),
  };
}
