// The PromQL of the board and of the alerts, and the names of metrics in it: for the tests that compare them with
// what /metrics prints.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

const BOARD_FILE = join(import.meta.dirname, "grafana/twinframe.json");
export const ALERTS_FILE = join(import.meta.dirname, "alerts.yaml");

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { expr: string; refId: string; legendFormat?: string }[];
}

export interface Board {
  title: string;
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; type: string; query: string }[] };
  time: { from: string; to: string };
}

export const readBoard = async (): Promise<Board> => JSON.parse(await readFile(BOARD_FILE, "utf8"));

/** Of each alert its expression, which stands on one line. */
export async function alertExpressions(): Promise<string[]> {
  const text = await readFile(ALERTS_FILE, "utf8");
  return [...text.matchAll(/^ +expr: (.+)$/gm)].map(([, expression]) => expression!);
}

export async function expressionsOf(): Promise<string[]> {
  const { panels } = await readBoard();
  const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return [...shown, ...(await alertExpressions())];
}

const WORDS = new Set(["and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"]);

/** Every identifier that is neither a function, a word of the language, nor a label. */
export function metricNamesIn(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\$\w+/g, "")
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "");
  const names = [...bare.matchAll(/(?<![\w.])[a-z_:][\w:]*(?!\w*\s*\()/gi)].map(([name]) => name);
  return names.filter((name) => !WORDS.has(name));
}
