// The fake backend's index: generations with entries, snapshots of them, and work on them. `/_control/hold` has
// work wait until `/_control/release`; `/_control/break?n=&skip=` breaks the next connections, behind those
// that are skipped.

import type { ServerResponse } from "node:http";
import {
  assignIndexSchema,
  type EntryChanges,
  entryChangesSchema,
  entryLookUpSchema,
  type IndexEntry,
  judgementRequestSchema,
  liveGenerationSchema,
  type MaintenanceRequest,
  maintenanceRequestSchema,
  newGenerationSchema,
} from "@twinframe/shared/contract";
import { ProblemError, toProblem } from "@twinframe/shared/problem";

interface FakeGeneration {
  model: { id: string; version: string };
  entries: Map<string, IndexEntry>;
}

type EntryKey = Pick<IndexEntry, "tenant" | "library" | "id">;
const CREATED = "2026-01-01T00:00:00.000Z";
const keyOf = ({ tenant, library, id }: EntryKey) => `${tenant}/${library}/${id}`;
const generationNotFound = () => new ProblemError("generation_not_found", "There is none.");

export class FakeIndex {
  readonly generations = new Map<string, FakeGeneration>([
    ["main", { model: { id: "fake", version: "1" }, entries: new Map() }],
  ]);
  readonly snapshots = new Map<string, { generation: string; entries: Map<string, IndexEntry> }>();
  readonly stopped = new Set<string>();
  /** Analyses with the generation that each was for. */
  readonly asked: string[] = [];
  live = "main";
  held = false;
  /** Whose it is, and how often each library was written. */
  installation: string | null = null;
  readonly epochs = new Map<string, number>();

  epochOf(tenant: string, library: string): number {
    return this.epochs.get(`${tenant}/${library}`) ?? 0;
  }
  #raise({ tenant, library }: EntryKey): void {
    this.epochs.set(`${tenant}/${library}`, this.epochOf(tenant, library) + 1);
  }

  /** Whether the live generation has it, out of searches. */
  isOut(library: string, id: string): boolean {
    return [...this.at(this.live).entries.values()].some(
      (entry) => entry.library === library && entry.id === id && entry.availability % 2 === 1,
    );
  }

  change({ tenant, library, changes }: EntryChanges): number {
    for (const { id, job_id: jobId, availability } of changes) {
      const key = { tenant, library, id };
      if (availability === null) this.forget(key, jobId);
      else
        for (const { entries } of this.generations.values()) {
          const entry = entries.get(keyOf(key));
          if (entry?.job_id === jobId) entries.set(keyOf(key), { ...entry, availability });
        }
      this.#raise(key);
    }
    return this.epochOf(tenant, library);
  }

  at(name: string): FakeGeneration {
    const found = this.generations.get(name);
    if (!found) throw generationNotFound();
    return found;
  }

  /** As the backend does: beside the live one, only what that one has. */
  write(entry: IndexEntry, generation: string | undefined): boolean {
    const key = keyOf(entry);
    if (generation === undefined) {
      this.#raise(entry);
      for (const { entries } of this.generations.values()) entries.set(key, entry);
      return true;
    }
    if (this.at(this.live).entries.get(key)?.job_id !== entry.job_id) return false;
    this.at(generation).entries.set(key, entry);
    return true;
  }

  forget(key: EntryKey, jobId: string | null): void {
    this.#raise(key);
    for (const { entries } of this.generations.values()) {
      if (entries.get(keyOf(key))?.job_id === jobId) entries.delete(keyOf(key));
    }
  }

  overview() {
    const stats = ({ entries }: FakeGeneration) => ({ references: entries.size, frames: entries.size * 20 });
    const generations = [...this.generations].map(([name, generation]) => ({
      name,
      model: generation.model,
      dims: 2,
      state: name === this.live ? "live" : "beside",
      ...stats(generation),
      bytes: 40,
      stored_bytes: 80,
      created_at: CREATED,
      health: { status: "ready", segments: 1 },
    }));
    const libraries = Map.groupBy(this.at(this.live).entries.values(), ({ tenant, library }) =>
      JSON.stringify({ tenant, library }),
    );
    return {
      kind: "embedded",
      live: this.live,
      generations,
      installation: this.installation,
      writers: [],
      libraries: [...libraries].map(([key, entries]) => {
        const { tenant, library } = JSON.parse(key) as EntryKey;
        const epoch = this.epochOf(tenant, library);
        return { tenant, library, references: entries.length, frames: 20, bytes: 40, epoch };
      }),
    };
  }

  snapshotView = ([id, { generation, entries }]: [
    string,
    { generation: string; entries: Map<string, IndexEntry> },
  ]) => ({
    id,
    generation,
    model: this.at(generation).model,
    references: entries.size,
    bytes: 40,
    created_at: CREATED,
  });

  work(request: MaintenanceRequest): object {
    switch (request.kind) {
      case "optimise":
        return { kind: "optimise", bytes_before: 100, bytes_after: 60 };
      case "snapshot": {
        const { generation } = request;
        const entries = new Map(this.at(generation).entries);
        if (!this.snapshots.has(request.snapshot))
          this.snapshots.set(request.snapshot, { generation, entries });
        const taken = this.snapshots.get(request.snapshot)!;
        return { kind: "snapshot", snapshot: this.snapshotView([request.snapshot, taken]) };
      }
      case "restore": {
        const taken = this.snapshots.get(request.snapshot);
        if (!taken) throw new ProblemError("snapshot_not_found", "There is none.");
        this.at(request.generation).entries = new Map(taken.entries);
        if (request.generation === this.live) this.installation = null;
        const snapshot = this.snapshotView([request.snapshot, taken]);
        return { kind: "restore", snapshot, references: taken.entries.size };
      }
      case "compare": {
        const [a, b] = [this.at(request.generation).entries, this.at(request.with).entries];
        const both = [...a.keys()].filter((key) => b.has(key)).length;
        const rest = { only_first: a.size - both, only_second: b.size - both, score_shift: 0, differing: [] };
        return { kind: "compare", compared: both, both, ...rest };
      }
    }
  }
}

/** Verdicts by the score of the best segment alone. */
function judgements(body: unknown) {
  const { policy, items } = judgementRequestSchema.parse(body);
  return items.map(({ candidates }) => {
    const scored = candidates.map((one) => ({
      one,
      score: Math.max(0, ...one.segments.map((s) => s.score)),
    }));
    const best = scored.sort((a, b) => b.score - a.score)[0];
    const { copy_score, review_score } = policy.visual;
    if (!best || best.score < review_score) return { verdict: "unique", reference_id: null, score: 0 };
    const verdict = best.score >= copy_score ? "duplicate" : "review";
    return { verdict, reference_id: best.one.reference_id, score: best.score };
  });
}

async function stream(index: FakeIndex, id: string, body: unknown, response: ServerResponse) {
  const request = maintenanceRequestSchema.parse(body);
  const line = (event: object) => response.write(`${JSON.stringify(event)}\n`);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  line({ event: "progress", stage: "index", fraction: 0.5 });
  while (index.held && !index.stopped.has(id) && !response.destroyed)
    await new Promise((later) => setTimeout(later, 10));
  try {
    if (index.stopped.has(id)) throw new ProblemError("backend_unavailable", "Stopped.");
    line({ event: "result", result: index.work(request) });
  } catch (error) {
    line({ event: "problem", problem: toProblem(error) });
  }
  response.end();
}

/** `path` is what follows /internal/. Undefined: the request is none of these. */
export async function answerMaintenance(
  index: FakeIndex,
  method: string,
  url: URL,
  text: string,
  response: ServerResponse,
): Promise<boolean> {
  const body = text === "" ? null : JSON.parse(text);
  const [, , ...path] = url.pathname.split("/").map(decodeURIComponent);
  const json = (value: unknown, status = 200) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  const name = path[2] ?? "";
  switch (`${method} ${path[0]}/${path[1] ?? ""}${path.length > 2 ? "/" : ""}`) {
    case "GET index/":
      json(index.overview());
      return true;
    case "POST index/generations": {
      const { name: made, model } = newGenerationSchema.parse(body);
      if (model === "absent") throw new ProblemError("model_not_found", "There is no such model.");
      index.generations.set(made, { model: { id: model, version: "1" }, entries: new Map() });
      json(null, 201);
      return true;
    }
    case "DELETE index/generations/":
      if (name === index.live) throw new ProblemError("generation_live", "It answers.");
      if (!index.generations.delete(name)) throw generationNotFound();
      response.writeHead(204).end();
      return true;
    case "PUT index/live":
      index.at(liveGenerationSchema.parse(body).name);
      index.live = liveGenerationSchema.parse(body).name;
      json(index.overview());
      return true;
    case "PUT index/installation": {
      const { installation, replaces } = assignIndexSchema.parse(body);
      if (index.installation !== replaces && index.installation !== installation)
        throw new ProblemError("index_not_adopted", "It is another's.");
      index.installation = installation;
      json(index.overview());
      return true;
    }
    case "POST index/changes":
      json({ epoch: index.change(entryChangesSchema.parse(body)) });
      return true;
    case "GET index/snapshots":
      json({ snapshots: [...index.snapshots].map(index.snapshotView) });
      return true;
    case "DELETE index/snapshots/":
      if (!index.snapshots.delete(name)) throw new ProblemError("snapshot_not_found", "There is none.");
      response.writeHead(204).end();
      return true;
    case "GET index/entries": {
      const { entries } = index.at(url.searchParams.get("generation")!);
      const after = url.searchParams.get("after") ?? "";
      const limit = Number(url.searchParams.get("limit"));
      const keys = [...entries.keys()].sort().filter((key) => key > after);
      const page = keys.slice(0, limit);
      json({
        entries: page.map((key) => entries.get(key)),
        next: keys.length > limit ? page.at(-1) : null,
      });
      return true;
    }
    case "POST index/entries/": {
      const { generation, keys } = entryLookUpSchema.parse(body);
      const { entries } = index.at(generation);
      json({ entries: keys.map((key) => entries.get(keyOf(key)) ?? null) });
      return true;
    }
    case `DELETE tenants/${path[1]}`: {
      let removed = 0;
      for (const { entries } of index.generations.values()) {
        for (const [key, { tenant }] of entries) if (tenant === path[1] && entries.delete(key)) removed++;
      }
      json({ removed });
      return true;
    }
    case `PUT maintenance/${path[1]}`:
      await stream(index, path[1]!, body, response);
      return true;
    case `DELETE maintenance/${path[1]}`:
      index.stopped.add(path[1]!);
      response.writeHead(204).end();
      return true;
    case "POST judgements/":
      json({ judgements: judgements(body) });
      return true;
    default:
      return false;
  }
}
