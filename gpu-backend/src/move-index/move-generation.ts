// One generation from one index store into another: made there when it is missing, filled, and compared.

import type { Generation, IndexStore } from "../index/index-store.ts";
import { type MoveProgress, moveReferences } from "./move-references.ts";
import { type Verification, verifyMove } from "./verify-move.ts";

export interface MoveOutcome {
  generation: string;
  progress: MoveProgress;
  verification: Verification;
}

export async function moveGeneration(
  from: IndexStore,
  to: IndexStore,
  options: { generation?: string | undefined; sample: number; onProgress(progress: MoveProgress): void },
): Promise<MoveOutcome> {
  const wanted = chosen(await from.generations(), options.generation);
  const { name, model, manifest, dims } = wanted;
  const source = await from.open(name);
  await to.create({ name, model, manifest, dims });
  const target = await to.open(name);
  const progress = await moveReferences(source, target, options.onProgress);
  // Whose they are and how often they were written goes along, or the edge would not know the target.
  await target.raiseEpochs(await source.epochs());
  await target.assignTo(await source.installation());
  await target.optimise();
  return { generation: name, progress, verification: await verifyMove(source, target, options.sample) };
}

function chosen(generations: Generation[], name: string | undefined): Generation {
  const found = generations.find((one) => (name === undefined ? one.isLive : one.name === name));
  if (found) return found;
  const names = generations.map((one) => one.name).join(", ") || "none";
  throw new Error(
    `there is no ${name === undefined ? "live generation" : `generation ${name}`}; there: ${names}`,
  );
}
