// The alignment stage: one query against its candidates' tracks.

import type { FrameTrack } from "../index/frame-track.ts";
import { WorkerPort } from "../worker-port.ts";
import { type AlignedSegment, type QueryView, WHOLE_VIEW } from "./align.ts";
import type { AlignInput, PictureInput } from "./align-worker.ts";
import type { ComparedModel } from "./pair.ts";
import type { MatrixPicture } from "./picture/matrix-picture.ts";

export interface Aligner {
  /** One list of segments a reference, in the order given. */
  align(query: FrameTrack, references: FrameTrack[], view?: QueryView): Promise<AlignedSegment[][]>;
  /** The similarity matrix of a pair, at most `maxSide` pixels a side; null when there is nothing to show. */
  picture(input: PictureInput): Promise<MatrixPicture | null>;
  close(): Promise<void>;
}

export function startAligner(options: ComparedModel): Aligner {
  const worker = new WorkerPort(new URL("./align-worker.ts", import.meta.url), options);
  return {
    align: async (query, references, { name, kind, mirrored } = WHOLE_VIEW) => {
      const input: AlignInput = { query, references, view: { name, kind, mirrored } };
      return (await worker.call("align", input)) as AlignedSegment[][];
    },
    picture: async (input) => (await worker.call("picture", input)) as MatrixPicture | null,
    close: () => worker.close(),
  };
}
