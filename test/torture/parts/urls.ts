// URLs of addresses that must not be reached, in every spelling, way in, redirect and rebinding.

import { join } from "node:path";
import { type Services, startServices } from "@twinframe/infra/local/services";
import type { CaseResult, Part, RunningPart } from "../part.ts";
import { type Canary, type PublicWorld, startCanary, startPublicWorld } from "./urls/network.ts";
import { spellings } from "./urls/spellings.ts";
import { callWebhook, FETCHES, importAll } from "./urls/ways.ts";

interface Case {
  kind: string;
  /** What was answered: a problem's code, or an HTTP status. */
  ask(world: World, index: number): Promise<string>;
}
interface World {
  edge: { url: string; apiKey: string };
  canary: Canary;
  outside: PublicWorld;
}

const STATUSES = [301, 302, 303, 307, 308];
const REBOUND = 24;
const IMPORT_LINES = 60;

const written = ({ canary, outside }: World, url: string) =>
  url.replace(/\bP\b|(?<=%3|:0+)P/g, String(canary.port)).replace(/\bA\b/g, outside.allowedHost);
const ways = Object.entries(FETCHES);

async function fetched(world: World, url: string, index: number): Promise<string> {
  const [, way] = ways[index % ways.length]!;
  const { status, text } = await way(world.edge, url);
  // 2xx of a search or a check would say that something was fetched.
  return status >= 400 ? String(JSON.parse(text).code ?? status) : `status ${status}`;
}

function cases(): Case[] {
  const all = spellings();
  const direct = all.map(
    ({ kind, url }): Case => ({
      kind,
      ask: (world, index) => fetched(world, written(world, url), index),
    }),
  );
  const redirected = all.map(({ url }, i): Case => {
    const status = STATUSES[i % STATUSES.length]!;
    return {
      kind: `redirect ${status}`,
      ask: (world, index) => {
        const to = encodeURIComponent(written(world, url));
        const path = i % 3 === 0 ? `chain?left=${1 + (i % 4)}&to=${to}` : `hop?status=${status}&to=${to}`;
        return fetched(world, `http://${world.outside.allowedHost}/${path}`, index);
      },
    };
  });
  const rebound = Array.from(
    { length: REBOUND },
    (_, i): Case => ({
      kind: "rebinding",
      ask: async (world, index) => {
        const name = `case-${index}-${i}.rebind.example.com`;
        const target = `http://${name}:${world.canary.port}/v.mp4`;
        // Every second one is redirected to itself, and answers otherwise when it is looked up again.
        const url =
          i % 2 ? `http://${name}:${world.canary.port}/hop?to=${encodeURIComponent(target)}` : target;
        return i % 4 === 3 ? callWebhook(world.edge, url) : fetched(world, url, index);
      },
    }),
  );
  const receivers = all
    .filter(({ kind }, i) => kind === "name that resolves" || i % 6 === 0)
    .map(
      ({ url }): Case => ({
        kind: "webhook receiver",
        ask: (world) => callWebhook(world.edge, written(world, url)),
      }),
    );
  const imported = Array.from(
    { length: Math.ceil(all.length / IMPORT_LINES) },
    (_, i): Case => ({
      kind: "import",
      ask: async (world) => {
        const urls = all
          .slice(i * IMPORT_LINES, (i + 1) * IMPORT_LINES)
          .map(({ url }) => written(world, url));
        const taken = await importAll(world.edge, urls);
        return taken === 0 ? "every line failed" : `status of ${taken} lines: taken`;
      },
    }),
  );
  return [...direct, ...redirected, ...rebound, ...receivers, ...imported];
}

const CASES = cases();

async function open({ folder }: { folder: string }): Promise<RunningPart> {
  const canary = await startCanary();
  const outside = await startPublicWorld();
  let services: Services;
  try {
    services = await startServices({
      stateDir: join(folder, "state"),
      network: outside,
      extraEdgeVars: {
        INTAKE_ALLOWED_HOSTS: outside.allowedHost,
        WEBHOOK_ALLOWED_HOSTS: outside.allowedHost,
      },
    });
  } catch (error) {
    canary.close();
    outside.close();
    throw error;
  }
  const world: World = { edge: { url: services.edgeUrl, apiKey: services.apiKey }, canary, outside };
  const answers = new Map<string, number>();
  return {
    async run(index): Promise<CaseResult> {
      const { kind, ask } = CASES[index]!;
      const before = canary.reached();
      const privateBefore = outside.privateConnections.length;
      const answer = await ask(world, index);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      const reached = outside.privateConnections.slice(privateBefore);
      if (canary.reached() > before) reached.push("the canary");
      const taken = answer.startsWith("status ");
      return {
        kind,
        held: reached.length === 0 && !taken,
        ...(reached.length > 0 || taken
          ? { detail: `answered ${answer}; reached: ${reached.join(", ") || "nothing"}` }
          : {}),
      };
    },
    figures: async () => ({
      "connections to private addresses": canary.reached() + outside.privateConnections.length,
      answers: [...answers].map(([answer, times]) => `${answer} ${times}`).join(" "),
    }),
    async close() {
      await services.stop();
      canary.close();
      outside.close();
    },
  };
}

export const part: Part = {
  name: "urls",
  about:
    "URLs, redirects, look-ups and rebinding that lead to private addresses, at every door of the edge; " +
    "failed: one is connected to, or something is taken as fetched",
  cases: CASES.length,
  slice: 60,
  open,
};
