// What the flooding tenant does, until it is told to stop.

import { setTimeout as later } from "node:timers/promises";
import { type AnalysisRequest, analysisPath, type BackendReadiness } from "@twinframe/shared/contract";
import { signRequest } from "@twinframe/shared/signing";
import type { Arena } from "./arena.ts";
import { type Flood, lanes } from "./lanes.ts";

const AT_ONCE = 0;
const VIDEO = "video/mp4";

const pick = <T>(values: readonly T[], random: () => number): T =>
  values[Math.floor(random() * values.length)] as T;

/** At the backend, as the edge's isolates everywhere would ask for one tenant. */
const analyses =
  (count: number): Flood["run"] =>
  async ({ backendUrl, signingSecret, stored }, random, signal) => {
    const ready = (await (await fetch(`${backendUrl}/readyz`)).json()) as BackendReadiness;
    const installation = ready.index.installation ?? "0".repeat(32);
    return lanes(
      count,
      signal,
      async () => {
        const method = "PUT";
        const path = analysisPath(`chk_flood${Math.floor(random() * 1e15)}`);
        const { sha256, url } = stored;
        const body = JSON.stringify({
          tenant: "flood",
          library: "default",
          sha256,
          interactive: true,
          source: { kind: "url", url },
          task: { kind: "check", index_as: null },
          index: { installation, library: { epoch: 0, references: 0 } },
        } satisfies AnalysisRequest);
        const signature = await signRequest(signingSecret, { method, path, body });
        const headers = { ...signature, "content-type": "application/json" };
        return fetch(`${backendUrl}${path}`, { method, headers, body, signal });
      },
      AT_ONCE,
    );
  };

const checks =
  (count: number, prefer: string): Flood["run"] =>
  ({ ask, floodKey: key, clips }, random, signal) =>
    lanes(count, signal, () =>
      ask("/v1/checks", { key, body: pick(clips, random), type: VIDEO, prefer, signal }),
    );

/** Files of a hundred lines, again and again. */
const imports: Flood["run"] = ({ ask, floodKey: key, clips, server }, random, signal) =>
  lanes(12, signal, () => {
    const lines = Array.from({ length: 100 }, (_, i) =>
      server.urlOf(i % clips.length, `m${Math.floor(random() * 1e12)}`),
    );
    return ask("/v1/imports", { key, body: ["url", ...lines].join("\n"), type: "text/csv", signal });
  });

/** Listeners of a few checks, most of them too many. */
const streams: Flood["run"] = async ({ ask, floodKey: key, clips }, random, signal) => {
  const ids: string[] = [];
  while (ids.length < 3 && !signal.aborted) {
    const begun = await ask("/v1/checks", { key, body: pick(clips, random), type: VIDEO, prefer: "wait=0" });
    const { id } = (await begun.json()) as { id?: string };
    if (id === undefined) await later(500);
    else ids.push(id);
  }
  return lanes(60, signal, (lane) =>
    ask(`/v1/checks/${ids[lane % ids.length]}/events`, { method: "GET", key, signal }),
  );
};

const wrongKeys: Flood["run"] = ({ ask }, random, signal) =>
  lanes(40, signal, () => {
    const secret = Array.from({ length: 40 }, () => Math.floor(random() * 36).toString(36)).join("");
    return ask("/v1/checks/chk_1", { method: "GET", key: `tf_${"0".repeat(26)}_${secret}`, signal });
  });

const together =
  (...floods: Flood["run"][]): Flood["run"] =>
  async (arena: Arena, random, signal) => {
    const outcomes = await Promise.all(floods.map((flood) => flood(arena, random, signal)));
    return { refused: outcomes.reduce((sum, { refused }) => sum + refused, 0) };
  };

export const FLOODS: readonly Flood[] = [
  {
    kind: "everything at once",
    run: together(analyses(280), checks(20, "wait=30"), imports, streams, wrongKeys),
  },
  { kind: "analyses at the backend", run: analyses(300) },
  { kind: "checks at once", run: checks(60, "wait=30") },
  { kind: "queued checks", run: checks(20, "wait=0") },
  { kind: "imports", run: imports },
  { kind: "event streams", run: streams },
  { kind: "wrong keys", run: wrongKeys },
];
