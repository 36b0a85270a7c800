// What the shipped descriptor takes on one CPU core, frames at full size, in batches as the service makes them.

import { loadModel } from "@twinframe/gpu-backend/descriptor/manifest";
import { DEFAULT_MANIFEST } from "@twinframe/gpu-backend/descriptor/model-choice";
import { WHOLE_FRAME } from "@twinframe/gpu-backend/descriptor/view";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { median, wallMs } from "./statistics.ts";

const BATCH = 16;
const ROUNDS = 15;

/** Milliseconds a frame. */
export async function descriptorMs(): Promise<number> {
  const { manifest, graph } = await loadModel(DEFAULT_MANIFEST);
  const { name, width, height, view } = manifest.input;
  const session = await InferenceSession.create(graph, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const pixels = Uint8Array.from({ length: BATCH * height * width * 3 }, (_, i) => (i * 31) % 251);
  const feeds = {
    [name]: new Tensor("uint8", pixels, [BATCH, height, width, 3]),
    ...(view === undefined ? {} : { [view]: new Tensor("float32", Float32Array.from(WHOLE_FRAME), [2, 3]) }),
  };
  await session.run(feeds);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await wallMs(() => session.run(feeds)));
  await session.release();
  return median(times) / BATCH;
}
