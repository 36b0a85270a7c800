// One size of one index, in a process of its own, so that memory is the index's and opening is a restart. Writes
// what it found to standard output, as JSON.

import { wallMs } from "../statistics.ts";
import { exhaustiveFloor } from "./exhaustive.ts";
import { CHECK_FRAMES, checkNumber } from "./frames.ts";
import { type IndexChoice, LIBRARY, openIndex } from "./open-index.ts";
import { cpuTimeMs, residentBytes } from "./resident.ts";

export interface Asked extends IndexChoice {
  references: number;
  perQuery: number;
  rounds: number;
  serverPid: number | undefined;
}
export interface Measured {
  openMs: number;
  searchMs: number[];
  /** Of this process and, where there is one, the server: CPU time a search, on average. */
  cpuMs: number;
  recall: number;
  bytes: number;
  storedBytes: number;
  /** What opening and searching added to the process that holds the vectors. */
  residentBytes: number;
  frames: number;
}

const RECALL_AT = 20;
const RECALL_CHECKS = 3;
const WARM_UP = 3;
const SAME = 2e-5;

const asked = JSON.parse(process.argv[2] ?? "") as Asked;
const holder = asked.serverPid ?? "self";
const before = holder === "self" ? residentBytes("self") : 0;
const startedMs = performance.now();
const index = await openIndex(asked);
const openMs = performance.now() - startedMs;
const search = (queries: Float32Array) => index.searchBatch(LIBRARY, queries, asked.perQuery);

const searchMs: number[] = [];
const cpuSoFarMs = () => cpuTimeMs("self") + (asked.serverPid ? cpuTimeMs(asked.serverPid) : 0);
let cpuFromMs = 0;
for (let round = -WARM_UP; round < asked.rounds; round++) {
  const { queries } = checkNumber(round + WARM_UP, asked.references);
  if (round === 0) cpuFromMs = cpuSoFarMs();
  const ms = await wallMs(() => search(queries));
  if (round >= 0) searchMs.push(ms);
}
const cpuMs = (cpuSoFarMs() - cpuFromMs) / asked.rounds;
const { bytes, storedBytes, frames } = await index.stats();
const resident = residentBytes(holder) - before;

let right = 0;
let all = 0;
for (let number = 0; number < RECALL_CHECKS; number++) {
  const { queries } = checkNumber(number, asked.references);
  const floor = await exhaustiveFloor(index, asked.references, queries, RECALL_AT);
  const hits = await search(queries);
  for (let query = 0; query < CHECK_FRAMES; query++)
    for (let place = 0; place < RECALL_AT; place++) {
      const at = query * hits.perQuery + place;
      const isHit = (hits.reference[at] as number) >= 0;
      all++;
      if (isHit && (hits.similarity[at] as number) >= (floor[query] as number) - SAME) right++;
    }
}
const measured: Measured = {
  openMs,
  searchMs,
  cpuMs,
  recall: right / all,
  bytes,
  storedBytes,
  residentBytes: resident,
  frames,
};
await index.close();
process.stdout.write(`${JSON.stringify(measured)}\n`);
