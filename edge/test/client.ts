// What the tests say to the Worker and to its neighbours.

import { exports, env as workerEnv } from "cloudflare:workers";
import type { Problem } from "@twinframe/shared/problem";
import { expect, inject } from "vitest";
import type { Env } from "../src/platform/env.ts";
import type { Call } from "./fake-backend.ts";
import { API_KEY } from "./settings.ts";

export const env = workerEnv as unknown as Env;
export const upstream = (path: string) => `http://${inject("upstreamHost")}${path}`;

export interface Ask {
  method?: string;
  key?: string | null;
  headers?: Record<string, string>;
  json?: unknown;
  bytes?: BodyInit;
}

/** One request to the Worker, with the bootstrap key unless another, or null, is given. */
export async function ask(path: string, { method, key = API_KEY, headers = {}, json, bytes }: Ask = {}) {
  const all = new Headers(headers);
  if (key !== null) all.set("authorization", `Bearer ${key}`);
  const body = json === undefined ? bytes : JSON.stringify(json);
  if (body !== undefined && !all.has("content-type")) {
    all.set("content-type", json === undefined ? "video/mp4" : "application/json");
  }
  const init = { method: method ?? (body === undefined ? "GET" : "POST"), headers: all };
  const worker = (exports as unknown as { default: Fetcher }).default;
  return worker.fetch(`http://edge.test${path}`, body === undefined ? init : { ...init, body });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
export const jsonOf = async (response: Response): Promise<any> => response.json();

export async function expectProblem(response: Response, status: number, code: string): Promise<Problem> {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = JSON.parse(text) as Problem;
  expect(problem).toMatchObject({ status, code });
  expect(problem.request_id).toBe(response.headers.get("x-request-id"));
  return problem;
}

/** Asks until `look` gives something; fails when it has not after `withinMs`. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false>,
  withinMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((later) => setTimeout(later, 20));
  }
}

async function control(
  action: string,
  library: string,
  more = "",
): Promise<{ calls: Call[]; references: string[] }> {
  const response = await fetch(
    `http://${inject("backendHost")}/_control/${action}?library=${library}${more}`,
  );
  return response.json();
}

export const openGate = (library: string) => control("open", library);
export const closeGate = (library: string) => control("close", library);
/** Has the library's analyses tell how far they are. */
export const tellProgress = (library: string, stage: string, fraction: number) =>
  control("progress", library, `&stage=${stage}&fraction=${fraction}`);
export const backendSeen = (library: string) => control("look", library);

export async function storedObjects(): Promise<string[]> {
  const { objects } = await env.OBJECTS.list();
  return objects.map((object) => object.key);
}

/** Waits until no object is left: all work has cleaned up behind itself. */
export const objectsGone = () => eventually(async () => (await storedObjects()).length === 0);
