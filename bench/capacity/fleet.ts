// How many machines a library of some size takes, and what a million checks cost on them.

import { meanServiceS } from "./checks.ts";
import {
  ASSUMED,
  BACKEND,
  D1_DATABASE_BYTES,
  EDGE_OPERATIONS,
  MEASURED,
  NODE,
  PRICES,
  QDRANT,
} from "./constants.ts";
import { type Design, storageOf } from "./storage.ts";

const { hoursPerMonth } = PRICES;
const machineMonth = (vcpus: number, memoryGb: number, diskGb: number) =>
  hoursPerMonth * (vcpus * PRICES.vcpuHour + memoryGb * PRICES.memoryGbHour) + diskGb * PRICES.diskGbMonth;

export function indexNodes(design: Design, references: number) {
  const { memoryBytes, diskBytes } = storageOf(design, references);
  const memory = (memoryBytes * ASSUMED.replicas) / (NODE.memoryGb * 1e9 * QDRANT.fill);
  const disk = (diskBytes * ASSUMED.replicas * QDRANT.diskHeadroom) / (NODE.diskGb * 1e9 * QDRANT.fill);
  // Three at least: two replicas and a majority that can be told.
  const nodes = Math.max(3, Math.ceil(Math.max(memory, disk)));
  return {
    nodes,
    bound: memory >= disk ? "memory" : "disk",
    month: nodes * machineMonth(NODE.vcpus, NODE.memoryGb, NODE.diskGb),
  };
}

export function traffic(references: number) {
  const checksPerDay = references * ASSUMED.checksPerReferenceAndDay;
  const analysesPerDay = checksPerDay * (1 - ASSUMED.exactShare);
  const peakPerS = (analysesPerDay / 86_400) * ASSUMED.peakOverMean;
  const busyBackends = peakPerS * meanServiceS();
  const backends = Math.max(2, Math.ceil(busyBackends / ASSUMED.utilisation));
  const gpuMachines = Math.max(2, Math.ceil(busyBackends / ASSUMED.utilisation / ASSUMED.gpuSpeedUp));
  return { checksPerDay, analysesPerDay, peakPerS, backends, gpuMachines };
}

/** Dollars for a million checks: machines are paid for the whole month, whether busy or not. */
export function costPerMillion(design: Design, references: number) {
  const { checksPerDay, backends, gpuMachines } = traffic(references);
  const millions = (checksPerDay * 30.4) / 1e6;
  const edge =
    EDGE_OPERATIONS.requests * PRICES.workerPerMillionRequests +
    (1 - ASSUMED.exactShare) *
      (EDGE_OPERATIONS.objectWrites * PRICES.objectWritePerMillion +
        EDGE_OPERATIONS.objectReads * PRICES.objectReadPerMillion +
        EDGE_OPERATIONS.queueOperations * PRICES.queueOperationPerMillion) +
    EDGE_OPERATIONS.rowsWritten * PRICES.databaseRowWrittenPerMillion +
    ((database(references).bytes / 1e9) * PRICES.databaseGbMonth) / millions;
  return {
    edge,
    index: indexNodes(design, references).month / millions,
    cpuBackends: (backends * machineMonth(BACKEND.vcpus, BACKEND.memoryGb, 20)) / millions,
    gpuBackends: (gpuMachines * hoursPerMonth * PRICES.gpuMachineHour) / millions,
  };
}

export function database(references: number) {
  const rows = references * ASSUMED.referenceRowBytes;
  const checks =
    references * ASSUMED.checksPerReferenceAndDay * ASSUMED.retentionDays * ASSUMED.checkRowBytes;
  return { bytes: rows + checks, databases: Math.ceil((rows + checks) / (D1_DATABASE_BYTES * QDRANT.fill)) };
}

/** Frames a second that a core describes. */
export const describedPerCoreAndS = 1000 / MEASURED.descriptorPerFrame;
