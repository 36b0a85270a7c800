// The public API as the tests speak it: every answer with its status and headers, nothing taken for granted.

import { openAsBlob } from "node:fs";
import { type Check, checkSchema, type Reference, referenceSchema } from "@twinframe/shared/contract";
import { PROBLEMS, type Problem, type ProblemCode, problemSchema } from "@twinframe/shared/problem";
import { expect } from "vitest";
import { until } from "./until.ts";

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
  body: any;
}

export interface Ask {
  json?: unknown;
  bytes?: Blob | Uint8Array<ArrayBuffer> | string | ReadableStream;
  /** Of the body; video/mp4 for bytes unless told otherwise. */
  type?: string;
  headers?: Record<string, string>;
  /** Another key than the API's own; null for none. */
  key?: string | null;
}

export interface Api {
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Must be a new reference. */
  addReference(file: string, options: ReferenceQuery): Promise<Reference>;
  /** Sends the bytes and waits for the verdict. */
  check(file: string, options?: Record<string, string>): Promise<Check>;
  /** Asks for an accepted check until it has ended. */
  settled(id: string): Promise<Check>;
}

export interface ReferenceQuery {
  id: string;
  library: string;
  metadata?: object;
}

export const query = (options: Record<string, string>) => `?${new URLSearchParams(options)}`;

export function referencePath({ id, library, metadata }: ReferenceQuery): string {
  const more: Record<string, string> = metadata === undefined ? {} : { metadata: JSON.stringify(metadata) };
  return `/v1/references${query({ id, library, ...more })}`;
}

/** A body as the contract has it, with nothing that the contract does not name. */
export function checkOf(body: unknown): Check {
  const check = checkSchema.parse(body);
  expect(body).toEqual(check);
  return check;
}

export function referenceOf(body: unknown): Reference {
  const reference = referenceSchema.parse(body);
  expect(body).toEqual(reference);
  return reference;
}

export function apiOf(edgeUrl: string, apiKey: string): Api {
  const ask: Api["ask"] = async (method, path, { json, bytes, type, headers = {}, key = apiKey } = {}) => {
    const all = new Headers(headers);
    if (key !== null) all.set("authorization", `Bearer ${key}`);
    const body = json === undefined ? bytes : JSON.stringify(json);
    if (body !== undefined)
      all.set("content-type", type ?? (json === undefined ? "video/mp4" : "application/json"));
    const init = { method, headers: all, redirect: "manual" as const };
    const stream = body instanceof ReadableStream ? { duplex: "half" as const } : {};
    const response = await fetch(edgeUrl + path, body === undefined ? init : { ...init, ...stream, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  };
  const settled: Api["settled"] = (id) =>
    until(`the end of check ${id}`, async () => {
      const { body } = await ask("GET", `/v1/checks/${id}`);
      const check = checkOf(body);
      return check.status === "completed" || check.status === "failed" ? check : undefined;
    });
  return {
    ask,
    settled,
    addReference: async (file, options) => {
      const { status, body } = await ask("POST", referencePath(options), { bytes: await openAsBlob(file) });
      expect(status, JSON.stringify(body)).toBe(201);
      return referenceOf(body);
    },
    check: async (file, options = {}) => {
      const answer = await ask("POST", `/v1/checks${query(options)}`, { bytes: await openAsBlob(file) });
      expect([200, 202], JSON.stringify(answer.body)).toContain(answer.status);
      return answer.status === 200 ? checkOf(answer.body) : settled(answer.body.id);
    },
  };
}

/** The answer is this problem, said in full, and no verdict. */
export function expectProblem(answer: Answer, code: ProblemCode, says: RegExp): Problem {
  const { status, title } = PROBLEMS[code];
  expect({ status: answer.status, code: answer.body.code }, JSON.stringify(answer.body)).toEqual({
    status,
    code,
  });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.body).not.toHaveProperty("verdict");
  const problem = problemSchema.parse(answer.body);
  expect(problem).toMatchObject({ status, title, type: `urn:twinframe:problem:${code}` });
  expect(problem.detail).toMatch(says);
  expect(problem.request_id).toMatch(/^req_[0-9a-z]{26}$/);
  expect(answer.headers.get("x-request-id")).toBe(problem.request_id);
  return problem;
}
