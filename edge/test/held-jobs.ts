// The Worker with a queue that holds its messages until the test takes them, and a backend that may be away.

import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  waitOnExecutionContext,
} from "cloudflare:test";
import { expect, inject } from "vitest";
import worker from "../src/index.ts";
import type { Env } from "../src/platform/env.ts";
import type { JobMessage } from "../src/platform/queue/messages.ts";
import { requestContextOf } from "../src/platform/request-context.ts";
import { sweep } from "../src/worker/sweep.ts";
import { type Ask, env, jsonOf } from "./client.ts";
import type { Call } from "./fake-backend.ts";
import { API_KEY } from "./settings.ts";

/** The backend `/~name/` of this test alone. */
export function heldJobs(name: string, settings: Partial<Env> = {}) {
  const backend = `http://${inject("backendHost")}/~${name}`;
  const queue: { body: JobMessage; delaySeconds: number }[] = [];
  const send = async (body: JobMessage, { delaySeconds = 0 } = {}) => void queue.push({ body, delaySeconds });
  const back = { ...env, BACKEND_URL: backend, JOBS: { send }, ...settings } as unknown as Env;
  const away = { ...back, BACKEND_URL: "http://127.0.0.1:1" } as Env;
  let own = back;

  async function ask(path: string, { method, key = API_KEY, headers = {}, json, bytes }: Ask = {}) {
    const body = json === undefined ? bytes : JSON.stringify(json);
    const type = json === undefined ? "video/mp4" : "application/json";
    const init = {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { authorization: `Bearer ${key}`, "content-type": type, ...headers },
      ...(body === undefined ? {} : { body }),
    };
    const context = createExecutionContext();
    const request = new Request(`http://edge.test${path}`, init);
    const response = await worker.fetch(request as never, own, context);
    await waitOnExecutionContext(context);
    return response;
  }

  /** Hands a message to the consumer, which must be done with it. */
  async function consume(body: JobMessage, from = "twinframe-jobs"): Promise<void> {
    const batch = createMessageBatch<JobMessage>(from, [
      { id: "m", timestamp: new Date(), attempts: 1, body },
    ]);
    const context = createExecutionContext();
    await worker.queue(batch as MessageBatch<JobMessage>, own, context);
    expect((await getQueueResult(batch, context)).explicitAcks).toEqual(["m"]);
  }

  /** Hands on the next message, at its time: what it is about is due. False when there is none. */
  async function deliver(): Promise<boolean> {
    const next = queue.shift();
    if (next === undefined) return false;
    const { body } = next;
    if (body.type === "check")
      await env.DB.prepare("UPDATE checks SET due_at = '2020' WHERE id = ? AND due_at IS NOT NULL")
        .bind(body.check_id)
        .run();
    if (body.type === "reference")
      await env.DB.prepare(
        "UPDATE library_references SET due_at = '2020' WHERE job_id = ? AND due_at IS NOT NULL",
      )
        .bind(body.job_id)
        .run();
    await consume(body);
    return true;
  }

  async function control(action: string, query: Record<string, string> = {}) {
    const response = await fetch(`${backend}/_control/${action}?${new URLSearchParams(query)}`);
    return jsonOf(response);
  }

  return {
    ask,
    consume,
    deliver,
    control,
    queue,
    goAway: () => {
      own = away;
    },
    comeBack: () => {
      own = back;
    },
    async drain() {
      for (let messages = 0; await deliver(); messages++) expect(messages).toBeLessThan(50);
    },
    /** How often each analysis in the library was begun, and what the backend was told of its crashes. */
    async crashesTold(library: string): Promise<(number | undefined)[]> {
      const { calls } = (await control("look", { library })) as { calls: Call[] };
      return calls.filter(({ method }) => method === "PUT").map(({ crashes }) => crashes);
    },
    async sweep(dueMs = Date.now()) {
      const context = createExecutionContext();
      await sweep(requestContextOf(own, context), dueMs);
      await waitOnExecutionContext(context);
    },
  };
}
