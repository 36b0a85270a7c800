// `npm run move-index -- --from embedded --to qdrant [--generation NAME] [--sample N]`: copies an index into
// another store and compares both at the end. Killed, it goes on when it is started again. Ends with 1 on any
// difference. No backend may write to either of them meanwhile.

import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import type { IndexStore } from "../index/index-store.ts";
import { moveGeneration } from "./move-generation.ts";
import { openStore } from "./stores.ts";
import { SIMILARITY_TOLERANCE } from "./verify-move.ts";

const USAGE =
  "npm run move-index -- --from embedded[:STATE_FOLDER]|qdrant[:PREFIX] --to … [--generation NAME] [--sample 50]";
/** The one setting that must be given, and that nothing here needs. */
const NO_SECRET = { TWINFRAME_SIGNING_SECRET: "not needed to move an index" };

const text = { type: "string" } as const;
const opened: IndexStore[] = [];
try {
  const { values } = parseArgs({
    options: { from: text, to: text, generation: text, sample: { type: "string", default: "50" } },
  });
  const sample = Number(values.sample);
  if (!values.from || !values.to || values.from === values.to || !(sample >= 0))
    throw new Error(`name two stores: ${USAGE}`);
  const settings = readConfig({ ...process.env, ...NO_SECRET });
  for (const named of [values.from, values.to]) opened.push(await openStore(named, settings));
  await move(opened as [IndexStore, IndexStore], values.generation, sample);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const indexStore of opened) await indexStore.close();
}

async function move([from, to]: [IndexStore, IndexStore], generation: string | undefined, sample: number) {
  let reportedAtMs = 0;
  const { progress, verification, ...moved } = await moveGeneration(from, to, {
    generation,
    sample,
    onProgress: ({ done, all, written }) => {
      if (done < all && performance.now() - reportedAtMs < 1000) return;
      reportedAtMs = performance.now();
      console.log(`${done} of ${all} references are there, ${written} written now`);
    },
  });
  const { references, libraries, queries, greatestDifference, differences } = verification;
  console.log(
    `generation ${moved.generation}: ${progress.written} references written; compared ${references} references of ${libraries} libraries and ${queries} searches: similarities differ by at most ${greatestDifference.toExponential(1)} (allowed: ${SIMILARITY_TOLERANCE})`,
  );
  for (const difference of differences) console.error(`different: ${difference}`);
  if (differences.length > 0) process.exitCode = 1;
}
