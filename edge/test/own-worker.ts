// The Worker with a backend, and an index, of a test file's own; its jobs go on a turn at a time, when a test says.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { type CreateJob, type Job, jobSchema } from "@twinframe/shared/contract";
import { expect, inject } from "vitest";
import { app } from "../src/app.ts";
import { workMaintenance } from "../src/maintenance/work.ts";
import type { Env } from "../src/platform/env.ts";
import type { JobMessage } from "../src/platform/queue/messages.ts";
import { requestContextOf } from "../src/platform/request-context.ts";
import { finishForgetting } from "../src/references/forget.ts";
import { sweep } from "../src/worker/sweep.ts";
import { type Ask, env, jsonOf } from "./client.ts";
import { API_KEY } from "./settings.ts";

export interface IndexSeen {
  live: string;
  asked: string[];
  generations: Record<string, string[]>;
}

export function ownWorker(name: string, settings: Partial<Env> = {}) {
  const backend = `http://${inject("backendHost")}/~${name}`;
  const queue: JobMessage[] = [];
  const send = async (body: JobMessage) => void queue.push(body);
  const own = { ...env, BACKEND_URL: backend, PURGE_SETTLE_MS: "0", JOBS: { send }, ...settings } as Env;
  const context = () => requestContextOf(own, createExecutionContext());

  async function ask(path: string, { method, key = API_KEY, headers = {}, json, bytes }: Ask = {}) {
    const all = new Headers(headers);
    if (key !== null) all.set("authorization", `Bearer ${key}`);
    const body = json === undefined ? bytes : JSON.stringify(json);
    if (body !== undefined && !all.has("content-type")) {
      all.set("content-type", json === undefined ? "video/mp4" : "application/json");
    }
    const init = { method: method ?? (body === undefined ? "GET" : "POST"), headers: all };
    const request = new Request(`http://edge.test${path}`, body === undefined ? init : { ...init, body });
    const context = createExecutionContext();
    const response = await app.fetch(request, own, context);
    await waitOnExecutionContext(context);
    return response;
  }

  const read = async (id: string): Promise<Job> =>
    jobSchema.parse(await jsonOf(await ask(`/v1/admin/jobs/${id}`)));
  const submit = (json: object) => ask("/v1/admin/jobs", { json });

  /** The job's next turn; false when no message asks for one. */
  async function turn(id: string): Promise<boolean> {
    const at = queue.findIndex((message) => message.type === "maintenance" && message.job_id === id);
    if (at < 0) return false;
    const [message] = queue.splice(at, 1) as [Extract<JobMessage, { type: "maintenance" }>];
    await workMaintenance(context(), id, message.turn);
    return true;
  }

  async function begin(asked: Partial<CreateJob> & { kind: string }): Promise<Job> {
    const response = await submit(asked);
    expect(response.status, await response.clone().text()).toBe(202);
    return jobSchema.parse(await jsonOf(response));
  }

  /** Turn by turn to its end; `eachTurn` before each. */
  async function finish(id: string, eachTurn: () => Promise<unknown> = async () => {}): Promise<Job> {
    for (let turns = 0; turns < 40; turns++) {
      const job = await read(id);
      if (job.completed_at !== null) return job;
      await eachTurn();
      expect(await turn(id), `a message for ${JSON.stringify(job)}`).toBe(true);
    }
    throw new Error("the job does not end");
  }

  async function control(action: string, query: Record<string, string> = {}) {
    const response = await fetch(`${backend}/_control/${action}?${new URLSearchParams(query)}`);
    return jsonOf(response);
  }

  return {
    ask,
    submit,
    begin,
    turn,
    read,
    finish,
    control,
    queue,
    env: own,
    run: async (asked: Partial<CreateJob> & { kind: string }) => finish((await begin(asked)).id),
    index: (query: Record<string, string> = {}): Promise<IndexSeen> => control("index", query),
    sweep: (dueMs: number) => sweep(context(), dueMs),
    /** What the queue would do of deletions. */
    async forget() {
      for (const message of queue.splice(0)) {
        if (message.type !== "reference_delete") queue.push(message);
        else await finishForgetting(context(), message, message.job_id);
      }
    },
    async add(library: string, id: string, bytes: Uint8Array<ArrayBuffer>, key = API_KEY) {
      const added = await ask(`/v1/references?library=${library}&id=${id}`, { bytes, key });
      expect(added.status, await added.clone().text()).toBe(201);
    },
  };
}
