// Analyses of files by a running backend, for tests.

import type {
  AnalysisEvent,
  AnalysisRequest,
  AnalysisResult,
  AnalysisTask,
} from "@twinframe/shared/contract";
import type { RunningBackend } from "./running-backend.ts";

export function resultOf(events: AnalysisEvent[]): AnalysisResult {
  const last = events.at(-1);
  if (last?.event !== "result") throw new Error(`no result: ${JSON.stringify(last)}`);
  return last.result;
}

export class AnalysisClient {
  readonly #backend: RunningBackend;
  #jobs = 0;

  constructor(backend: RunningBackend) {
    this.#backend = backend;
  }

  nextId(): string {
    return `job_${this.#jobs++}`;
  }

  async run(
    file: string,
    task: AnalysisTask,
    library = "default",
    id = this.nextId(),
  ): Promise<AnalysisEvent[]> {
    return this.#backend.analyse(id, await this.#backend.requestFor(file, { task, library }));
  }

  async index(id: string, file: string, library?: string): Promise<AnalysisResult> {
    return resultOf(await this.run(file, { kind: "reference", reference_id: id }, library));
  }

  async check(file: string, fields: Partial<AnalysisRequest> = {}): Promise<AnalysisResult> {
    const task: AnalysisTask = { kind: "check", index_as: null };
    const request = await this.#backend.requestFor(file, { task, library: "default", ...fields });
    return resultOf(await this.#backend.analyse(this.nextId(), request));
  }

  /** 404 for a reference that the index does not have. */
  async statusOf(id: string, library: string): Promise<number> {
    const path = `/internal/tenants/acme/libraries/${library}/references/${id}/descriptors?offset=0&limit=1`;
    return (await this.#backend.send("GET", path)).status;
  }
}
