// npm run bench:edge: what the Worker adds to a check, beyond the backend's own time. A backend that answers at once
// stands in the real one's place, so that all the time that is left is the edge's: authentication, limits, intake,
// look-ups, rows, the call. And how many of a thousand checks of known bytes reach a backend at all.

import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFakeBackend } from "@twinframe/edge/testing/fake-backend";
import { edgeService } from "@twinframe/infra/local/services/edge-service";
import { migrate } from "@twinframe/infra/local/services/migrations";
import { choosePort } from "@twinframe/infra/local/services/ports";
import { loadSecrets } from "@twinframe/infra/local/services/secrets";
import { startService } from "@twinframe/infra/local/services/service";
import { quantile, wallMs } from "./statistics.ts";

const CHECKS = 500;
const KNOWN_CHECKS = 1000;
const BODY_BYTES = 64 * 1024;
const root = join(import.meta.dirname, "..");

/** Something that looks like a video, and is another one each time. */
function body(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BODY_BYTES);
  bytes.set(new TextEncoder().encode(`\0\0\0\x18ftypmp42 number ${number}`));
  return bytes;
}

const folder = await mkdtemp(join(tmpdir(), "twinframe-bench-edge-"));
const secrets = loadSecrets(folder);
const { signingSecret, apiKey } = secrets;
const backend = createFakeBackend(signingSecret);
await new Promise<void>((ready) => backend.listen(0, "127.0.0.1", ready));
const backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
await migrate(root, folder);
const port = await choosePort();
const edgeUrl = `http://127.0.0.1:${port}`;
const edge = await startService(
  edgeService({ root, stateDir: folder, port, backendUrl, secrets, extraVars: {} }),
);

async function send(path: string, number: number): Promise<{ id: string; found_by: string | null }> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "video/mp4" };
  const response = await fetch(`${edgeUrl}${path}`, { method: "POST", headers, body: body(number) });
  const answer = (await response.json()) as { id: string; found_by: string | null };
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const seen = async (library: string): Promise<number> => {
  const answer = await fetch(`${backendUrl}/_control/look?library=${library}`);
  return ((await answer.json()) as { calls: unknown[] }).calls.length;
};

const show = (ms: number[]) =>
  `p50 ${quantile(ms, 0.5).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms`;

/** What the local runtime takes by itself, then with a key, a quota, one look-up; then a check without a body. */
async function floors(): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const declared = { method: "POST", headers, body: JSON.stringify({ sha256: "0".repeat(64) }) };
  const asked: [string, string, RequestInit][] = [
    ["GET /livez: the local runtime", "/livez", {}],
    ["a check that is not there", "/v1/checks/x", { headers }],
    ["a check by a declared hash", "/v1/checks", declared],
  ];
  for (const [name, path, init] of asked) {
    const ms: number[] = [];
    const once = async () => (await fetch(`${edgeUrl}${path}`, init)).text();
    for (let i = 0; i < CHECKS; i++) ms.push(await wallMs(once));
    console.log(`${name.padEnd(32)}${show(ms)}`);
  }
}

try {
  for (let i = 0; i < 50; i++) await send("/v1/checks?library=warm-up", -1 - i);
  await floors();
  const new_: number[] = [];
  for (let i = 0; i < CHECKS; i++) new_.push(await wallMs(() => send("/v1/checks?library=speed", i)));
  console.log(
    `a check of new content          ${show(new_)}  (aim p50 ≤ 5, p99 ≤ 25; ${CHECKS} of ${BODY_BYTES / 1024} KiB, one after the other)`,
  );

  await send("/v1/references?id=known&library=known", 0);
  const before = await seen("known");
  const known: number[] = [];
  for (let i = 0; i < KNOWN_CHECKS; i++)
    known.push(
      await wallMs(async () => {
        const { found_by } = await send("/v1/checks?library=known", 0);
        if (found_by !== "exact_bytes") throw new Error(`not by its bytes: ${found_by}`);
      }),
    );
  console.log(
    `a check of known bytes          ${show(known)}  (${KNOWN_CHECKS}; calls to the backend: ${(await seen("known")) - before}, aim 0)`,
  );
} finally {
  await edge.stop();
  backend.close();
  backend.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
}
