// The edge's side of index maintenance: signed, and every answer parsed.

import type { ReferenceKey } from "@twinframe/shared/contract";
import {
  type AssignIndex,
  type EntryLookUp,
  type EntryPage,
  entryPageSchema,
  foundEntriesSchema,
  type GenerationView,
  type IndexEntry,
  type IndexOverview,
  indexOverviewSchema,
  type JudgementRequest,
  type Judgements,
  judgementsSchema,
  type MaintenanceRequest,
  type MaintenanceResult,
  MOST_ENTRIES,
  maintenanceEventSchema,
  maintenancePath,
  type NewGeneration,
  type Snapshot,
  snapshotListSchema,
  tenantRemovalSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import type { Configuration } from "../platform/configuration.ts";
import { backendUnavailable } from "./backend-unavailable.ts";
import { call, problemOf } from "./request.ts";
import { startOrAttach } from "./start-or-attach.ts";

interface Asked {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  json?: unknown;
}

async function ask<Schema extends z.ZodType>(
  config: Configuration,
  schema: Schema,
  { method, path, json }: Asked,
): Promise<z.infer<Schema>> {
  const body = json === undefined ? "" : JSON.stringify(json);
  const response = await call(config, { method, path, body });
  if (!response.ok) throw await problemOf(response);
  const parsed = schema.safeParse(response.status === 204 ? null : await response.json().catch(() => null));
  if (!parsed.success) throw backendUnavailable(parsed.error);
  return parsed.data;
}

const nothing = z.unknown();
const generationPath = (name: string) => `/internal/index/generations/${encodeURIComponent(name)}`;

export const indexOverview = (config: Configuration): Promise<IndexOverview> =>
  ask(config, indexOverviewSchema, { method: "GET", path: "/internal/index" });

export const createGeneration = (config: Configuration, json: NewGeneration): Promise<unknown> =>
  ask(config, nothing, { method: "POST", path: "/internal/index/generations", json });

export const dropGeneration = (config: Configuration, name: string): Promise<unknown> =>
  ask(config, nothing, { method: "DELETE", path: generationPath(name) });

export const switchLive = (config: Configuration, name: string): Promise<IndexOverview> =>
  ask(config, indexOverviewSchema, { method: "PUT", path: "/internal/index/live", json: { name } });

export async function listSnapshots(config: Configuration): Promise<Snapshot[]> {
  const path = "/internal/index/snapshots";
  return (await ask(config, snapshotListSchema, { method: "GET", path })).snapshots;
}

export async function deleteSnapshot(config: Configuration, id: string): Promise<void> {
  await ask(config, nothing, {
    method: "DELETE",
    path: `/internal/index/snapshots/${encodeURIComponent(id)}`,
  });
}

export const entriesAfter = (
  config: Configuration,
  generation: string,
  after: string | null,
  limit: number,
): Promise<EntryPage> => {
  const query = new URLSearchParams({
    generation,
    ...(after === null ? {} : { after }),
    limit: String(limit),
  });
  return ask(config, entryPageSchema, { method: "GET", path: `/internal/index/entries?${query}` });
};

/** One answer a key, in its place: at most MOST_ENTRIES. */
export async function lookUpEntries(
  config: Configuration,
  generation: string,
  keys: readonly ReferenceKey[],
): Promise<(IndexEntry | null)[]> {
  const asked = keys.slice(0, MOST_ENTRIES).map(({ tenant, library, id }) => ({ tenant, library, id }));
  const json: EntryLookUp = { generation, keys: asked };
  const path = "/internal/index/entries/look-up";
  const { entries } = await ask(config, foundEntriesSchema, { method: "POST", path, json });
  if (entries.length !== asked.length) throw backendUnavailable("as many answers as keys are needed");
  return entries;
}

/** Whose the index is from now on. Problem: `index_not_adopted` when it is not `replaces`' any more. */
export const assignIndex = (config: Configuration, json: AssignIndex): Promise<IndexOverview> =>
  ask(config, indexOverviewSchema, { method: "PUT", path: "/internal/index/installation", json });

/** From all generations; how many references that were. */
export async function removeTenantEntries(
  config: Configuration,
  installation: string,
  tenant: string,
): Promise<number> {
  const path = `/internal/tenants/${encodeURIComponent(tenant)}?installation=${installation}`;
  return (await ask(config, tenantRemovalSchema, { method: "DELETE", path })).removed;
}

export const judge = (config: Configuration, json: JudgementRequest): Promise<Judgements> =>
  ask(config, judgementsSchema, { method: "POST", path: "/internal/judgements", json });

/** Starts the work or attaches to it, and waits for its result. Leaves it running when interrupted. */
export function maintain(
  config: Configuration,
  jobId: string,
  request: MaintenanceRequest,
  onProgress: (fraction: number) => Promise<void>,
  signal: AbortSignal,
): Promise<MaintenanceResult> {
  const asked = { path: maintenancePath(jobId), request, signal };
  return startOrAttach(config, asked, maintenanceEventSchema, { onProgress });
}

/** Stops such work; what is not known has ended. */
export async function stopMaintenance(config: Configuration, jobId: string): Promise<void> {
  const response = await call(config, { method: "DELETE", path: maintenancePath(jobId) });
  if (!response.ok && response.status !== 404) throw await problemOf(response);
  await response.body?.cancel();
}

/** The generation of this name. Problem: `generation_not_found`. */
export function generationOf({ generations }: IndexOverview, name: string): GenerationView {
  const found = generations.find((generation) => generation.name === name);
  if (found !== undefined) return found;
  const names = generations.map((generation) => generation.name).join(", ");
  throw new ProblemError("generation_not_found", `There is no generation "${name}". There are: ${names}.`);
}
