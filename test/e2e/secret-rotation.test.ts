// The drill of docs/operation.md: both secrets are replaced while checks are asked for, without one going wrong.

import { openAsBlob } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type RunningBackend, startBackend } from "@twinframe/gpu-backend/testing/running-backend";
import { edgeService } from "@twinframe/infra/local/services/edge-service";
import { migrate } from "@twinframe/infra/local/services/migrations";
import { choosePort } from "@twinframe/infra/local/services/ports";
import { type LocalSecrets, loadSecrets } from "@twinframe/infra/local/services/secrets";
import { type Service, startService } from "@twinframe/infra/local/services/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "./api.ts";
import { seeded } from "./clips.ts";
import { until } from "./until.ts";

const root = resolve(import.meta.dirname, "../..");
const NEXT = { signingSecret: "n".repeat(64), webhookSecretKey: "w".repeat(64) };

let folder: string;
let old: LocalSecrets;
let edgePort: number;
let edge: Service;
let api: Api;
let backend: RunningBackend;
let generation = 0;
/** What stands in front of the backends: the next one has started before the one before it is left. */
const balancer = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const onward = httpRequest({ port: backend.port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
});

async function roll(signingSecret: string, previous = ""): Promise<void> {
  const before = backend;
  backend = await startBackend(join(folder, `backend-${generation++}`), {
    TWINFRAME_SIGNING_SECRET: signingSecret,
    TWINFRAME_SIGNING_SECRET_PREVIOUS: previous,
    TWINFRAME_OBJECT_ORIGINS: `http://127.0.0.1:${edgePort}`,
  });
  await before?.drain();
  await before?.close();
}

async function startEdge(secrets: LocalSecrets, extraVars: Record<string, string> = {}): Promise<void> {
  await edge?.kill();
  const backendUrl = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
  edge = await startService(
    edgeService({ root, stateDir: folder, port: edgePort, backendUrl, secrets, extraVars }),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-rotation-"));
  old = loadSecrets(folder);
  edgePort = await choosePort();
  api = apiOf(`http://127.0.0.1:${edgePort}`, old.apiKey);
  balancer.listen(0, "127.0.0.1");
  await migrate(root, folder);
  await roll(old.signingSecret);
  await startEdge(old);
});
afterAll(async () => {
  await edge?.kill();
  await backend?.close();
  balancer.close();
  await rm(folder, { recursive: true, force: true });
});

test("secrets are replaced while checks go on; what was kept under them stays readable", async () => {
  const video = await openAsBlob(await seeded(77));
  const outcomes: string[] = [];
  let isOver = false;
  // The local edge is away while it starts again, which a deployed Worker never is: that much is asked again.
  const check = () => api.ask("POST", "/v1/checks?library=rotation", { bytes: video }).catch(() => null);
  const flow = (async () => {
    while (!isOver) {
      const answer = await check();
      if (answer !== null) outcomes.push(`${answer.status} ${answer.body.verdict ?? answer.body.code}`);
    }
  })();
  const goesOn = async () => {
    const seen = outcomes.length;
    await until("two more checks", async () => (outcomes.length >= seen + 2 ? true : undefined));
  };
  const key = { json: { name: "kept", scopes: ["checks:write"] }, headers: { "idempotency-key": "kept" } };
  const kept = await api.ask("POST", "/v1/keys", key);
  expect(kept.status).toBe(201);
  const hooks = await api.ask("GET", "/v1/webhook-secret");
  await goesOn();

  // 1. The backends take both.
  await roll(NEXT.signingSecret, old.signingSecret);
  await goesOn();
  // 2. The edge signs with the new one, and reads what the old ones made.
  await startEdge(
    { ...old, ...NEXT },
    { SIGNING_SECRET_PREVIOUS: old.signingSecret, WEBHOOK_SECRET_KEY_PREVIOUS: old.webhookSecretKey },
  );
  await goesOn();
  const replayed = await api.ask("POST", "/v1/keys", key);
  expect(replayed.headers.get("idempotency-replayed")).toBe("true");
  expect(replayed.body).toEqual(kept.body);
  expect((await api.ask("GET", "/v1/webhook-secret")).body).toEqual(hooks.body);
  // 3. The backends forget the old one.
  await roll(NEXT.signingSecret);
  await goesOn();

  isOver = true;
  await flow;
  expect(new Set(outcomes)).toEqual(new Set(["200 unique"]));
});
