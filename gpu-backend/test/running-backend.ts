// A whole backend for tests: the real app on a loopback port, with a real folder, and a file server that plays
// the edge's signed links.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AnalysisEvent,
  type AnalysisRequest,
  type Answer,
  type AnswerEvent,
  analysisEventSchema,
  analysisPath,
  answerEventSchema,
  foundEntriesSchema,
  indexOverviewSchema,
  type MaintenanceEvent,
  type MaintenanceRequest,
  type MaintenanceResult,
  maintenanceEventSchema,
  maintenancePath,
  type Question,
  questionPath,
} from "@twinframe/shared/contract";
import { signRequest } from "@twinframe/shared/signing";
import { buildApp } from "../src/app.ts";
import { compose } from "../src/compose.ts";
import { readConfig } from "../src/config.ts";
import { loadModel } from "../src/descriptor/manifest.ts";
import { DEFAULT_MANIFEST } from "../src/descriptor/model-choice.ts";
import type { RegisteredRoute } from "../src/plugins/signed-requests.ts";

/** The answer, of the kind that was asked for; throws on a problem. */
export function answerOf<Kind extends Answer["kind"]>(
  events: AnswerEvent[],
  kind: Kind,
): Extract<Answer, { kind: Kind }> {
  const last = events.at(-1);
  if (last?.event !== "result" || last.result.kind !== kind)
    throw new Error(`no ${kind}: ${JSON.stringify(last)}`);
  return last.result as Extract<Answer, { kind: Kind }>;
}

/** What the maintenance ended with, of the kind that was asked for; throws on a problem. */
export function maintainedOf<Kind extends MaintenanceResult["kind"]>(
  events: MaintenanceEvent[],
  kind: Kind,
): Extract<MaintenanceResult, { kind: Kind }> {
  const last = events.at(-1);
  if (last?.event !== "result" || last.result.kind !== kind)
    throw new Error(`no ${kind}: ${JSON.stringify(last)}`);
  return last.result as Extract<MaintenanceResult, { kind: Kind }>;
}

/** What an edge expects that knows of no reference yet. */
export const INSTALLATION = "0123456789abcdef".repeat(2);
export const EXPECTS_NOTHING: AnalysisRequest["index"] = {
  installation: INSTALLATION,
  library: { epoch: 0, references: 0 },
  unclaimed: 0,
};

/** Of the test's installation, where a path takes things away and does not say of which. */
export const ofInstallation = (method: string, path: string) =>
  method !== "DELETE" || !path.startsWith("/internal/tenants/") || path.includes("installation=")
    ? path
    : `${path}${path.includes("?") ? "&" : "?"}installation=${INSTALLATION}`;

export const BACKEND_SECRET = "the secret of edge and backend";

/** What the backend calls its model. */
export async function defaultModel(): Promise<{ id: string; version: string }> {
  const { id, version } = (await loadModel(DEFAULT_MANIFEST)).manifest;
  return { id, version };
}

export interface RunningBackend {
  url: string;
  port: number;
  routes: readonly RegisteredRoute[];
  /** The request that analyses a file; `fields` overrides its parts. */
  requestFor(file: string, fields?: Partial<AnalysisRequest>): Promise<AnalysisRequest>;
  /** A signed request. */
  send(method: string, path: string, body?: unknown): Promise<Response>;
  /** Starts or attaches and reads to the end. */
  analyse(id: string, request: AnalysisRequest): Promise<AnalysisEvent[]>;
  /** Asks, or attaches, for the tenant `acme`. */
  question(id: string, question: Question): Promise<AnswerEvent[]>;
  /** Starts or attaches and reads to the end. */
  maintain(jobId: string, request: MaintenanceRequest): Promise<MaintenanceEvent[]>;
  /** Takes a reference of `acme/default` out of searches, or back in. */
  switchReference(id: string, availability: number): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

export async function startBackend(
  stateDirectory: string,
  environment: Record<string, string> = {},
): Promise<RunningBackend> {
  const files = new Map<string, string>();
  const links = createServer(async (request, response) => {
    const file = files.get(request.url ?? "");
    if (file === undefined) return response.writeHead(404).end();
    response.end(await readFile(file));
  });
  await new Promise<void>((resolve) => links.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(links.address() as AddressInfo).port}`;
  const config = readConfig({
    TWINFRAME_SIGNING_SECRET: BACKEND_SECRET,
    TWINFRAME_BACKEND_STATE: stateDirectory,
    TWINFRAME_OBJECT_ORIGINS: origin,
    TWINFRAME_LOG_LEVEL: "silent",
    ...environment,
  });
  const composition = await compose(config);
  const { app, routes, drain } = buildApp(config, composition);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const send = async (method: string, asked: string, body?: unknown) => {
    const path = ofInstallation(method, asked);
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers: Record<string, string> = await signRequest(BACKEND_SECRET, { method, path, body: text });
    if (text) headers["content-type"] = "application/json";
    return fetch(url + path, { method, headers, body: text || null });
  };
  const switchReference = async (id: string, availability: number) => {
    const { live: generation } = indexOverviewSchema.parse(
      await (await send("GET", "/internal/index")).json(),
    );
    const key = { tenant: "acme", library: "default", id };
    const lookedUp = await send("POST", "/internal/index/entries/look-up", { generation, keys: [key] });
    const { entries } = foundEntriesSchema.parse(await lookedUp.json());
    const response = await send("POST", "/internal/index/changes", {
      installation: INSTALLATION,
      tenant: "acme",
      library: "default",
      changes: [{ id, job_id: entries[0]?.job_id, availability }],
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  };
  const events = async <Event>(path: string, body: unknown, schema: { parse(line: unknown): Event }) => {
    const response = await send("PUT", path, body);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    return text
      .trimEnd()
      .split("\n")
      .map((line) => schema.parse(JSON.parse(line)));
  };
  return {
    url,
    port: Number(new URL(url).port),
    routes,
    send,
    requestFor: async (file, fields = {}) => {
      const path = `/${files.size}`;
      files.set(path, file);
      const sha256 = createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
      const source = { kind: "url" as const, url: origin + path };
      return {
        tenant: "acme",
        library: "default",
        sha256,
        source,
        task: { kind: "check", index_as: null },
        index: EXPECTS_NOTHING,
        ...fields,
      };
    },
    analyse: (id, request) => events(analysisPath(id), request, analysisEventSchema),
    question: (id, question) =>
      events(questionPath(id), { tenant: "acme", question, index: EXPECTS_NOTHING }, answerEventSchema),
    maintain: (jobId, request) => events(maintenancePath(jobId), request, maintenanceEventSchema),
    switchReference,
    drain: () => drain(0),
    close: async () => {
      await app.close();
      await composition.close();
      links.close();
    },
  };
}
