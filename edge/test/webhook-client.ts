// Webhooks under test: a real receiver, and queues that the test itself empties, moving the clock to each
// message's time.

import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  waitOnExecutionContext,
} from "cloudflare:test";
import { Webhook } from "standardwebhooks";
import { expect, inject, vi } from "vitest";
import worker from "../src/index.ts";
import type { Env } from "../src/platform/env.ts";
import type { JobMessage, WebhookMessage } from "../src/platform/queue/messages.ts";
import { requestContextOf } from "../src/platform/request-context.ts";
import { sweep } from "../src/worker/sweep.ts";
import { type Ask, env, jsonOf } from "./client.ts";
import { makeKey } from "./keys.ts";
import type { Received, Step } from "./receiver.ts";
import { API_KEY } from "./settings.ts";

export const hookUrl = (name: string) => `http://${inject("receiverHost")}/hook/${name}`;

async function control(kind: string, name: string, body = ""): Promise<Received[]> {
  const response = await fetch(`http://${inject("receiverHost")}/${kind}/${name}`, { method: "POST", body });
  return response.json();
}

export const plan = (name: string, ...steps: Step[]) => control("plan", name, JSON.stringify(steps));
export const received = (name: string) => control("seen", name);
export const release = (name: string) => control("release", name);

/** The event of a request, if this secret signed it. Throws as the specification's own library does. */
export const verified = (secret: string, { body, headers }: Received) =>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every kind
  new Webhook(secret).verify(body, headers) as any;

interface Sent {
  message: WebhookMessage;
  dueMs: number;
}

/** The Worker with queues that hold their messages until the test takes them. */
export class HeldQueue {
  readonly waiting: Sent[] = [];
  readonly delaysS: number[] = [];
  readonly jobs: JobMessage[] = [];
  env: Env = {
    ...env,
    WEBHOOKS: this as unknown as Queue<JobMessage>,
    JOBS: { send: async (job: JobMessage) => this.jobs.push(job) } as unknown as Queue<JobMessage>,
  };

  async sendBatch(messages: Iterable<MessageSendRequest<JobMessage>>) {
    for (const { body, delaySeconds = 0 } of messages) {
      this.delaysS.push(delaySeconds);
      this.waiting.push({ message: body as WebhookMessage, dueMs: Date.now() + delaySeconds * 1000 });
    }
  }

  async ask(path: string, { method, key = API_KEY, headers = {}, json, bytes }: Ask = {}) {
    const body = json === undefined ? bytes : JSON.stringify(json);
    const type = json === undefined ? "video/mp4" : "application/json";
    const init = {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { authorization: `Bearer ${key}`, "content-type": type, ...headers },
      ...(body === undefined ? {} : { body }),
    };
    const context = createExecutionContext();
    const request = new Request(`http://edge.test${path}`, init);
    const response = await worker.fetch(request as never, this.env, context);
    await waitOnExecutionContext(context);
    return response;
  }

  /** Hands messages to the consumer as one batch; says how many it was done with. */
  async consume(queue: string, ...messages: JobMessage[]): Promise<number> {
    const all = messages.map((body, i) => ({ id: `${i}`, timestamp: new Date(), attempts: 1, body }));
    const batch = createMessageBatch<JobMessage>(queue, all);
    const context = createExecutionContext();
    await worker.queue(batch as MessageBatch<JobMessage>, this.env, context);
    return (await getQueueResult(batch, context)).explicitAcks.length;
  }

  /** Hands one message, the next one if none is given, to the consumer at its time, or at once. */
  async deliver(sent = this.waiting.shift(), atMs = sent?.dueMs): Promise<void> {
    if (sent === undefined) throw new Error("no message is waiting");
    if (vi.isFakeTimers()) vi.setSystemTime(Math.max(Date.now(), atMs!));
    expect(await this.consume("twinframe-webhooks", sent.message)).toBe(1);
  }

  /** Delivers until nothing waits. */
  async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.deliver();
  }

  async sweep(dueMs = Date.now()): Promise<void> {
    const context = createExecutionContext();
    await sweep(requestContextOf(this.env, context), dueMs);
    await waitOnExecutionContext(context);
  }
}

export const endpointsPath = "/v1/webhook-endpoints";

/** An endpoint of `key`'s tenant at the receiver's /hook/NAME. */
export async function addEndpoint(name: string, more: object = {}, key = API_KEY, queue = new HeldQueue()) {
  const response = await queue.ask(endpointsPath, { json: { url: hookUrl(name), ...more }, key });
  expect(response.status).toBe(201);
  return jsonOf(response);
}

/** A key with these scopes; every test has a tenant of its own, so that their endpoints hear nothing of others. */
export const keyOf = (tenant: string, scopes = ["admin"]) => makeKey(scopes, { tenant });

/** A tenant with a key for everything, and the Worker with held queues. */
export async function tenantOf(name: string) {
  const key = await keyOf(name);
  const queue = new HeldQueue();
  const call = (method: string, path: string, json?: unknown) =>
    queue.ask(path, { method, key, ...(json === undefined ? {} : { json }) });
  const get = async (path: string) => jsonOf(await call("GET", path));
  return { key, queue, call, get };
}
