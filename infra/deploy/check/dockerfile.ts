// What a Dockerfile says, as far as it can be done without a container engine: its COPY lines, RUN lines,
// environment and commands, of all stages in order.

import { readFileSync } from "node:fs";

export interface Dockerfile {
  /** From the build context. */
  copies: { from: string[]; to: string }[];
  runs: string[];
  env: Record<string, string>;
  command: string[];
  healthCheck: string[];
}

export function readDockerfile(file: string): Dockerfile {
  const text = readFileSync(file, "utf8")
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ");
  const parsed: Dockerfile = { copies: [], runs: [], env: {}, command: [], healthCheck: [] };
  for (const line of text.split("\n")) {
    const [, instruction = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (instruction === "COPY" && !rest.startsWith("--from")) {
      const words = rest.split(/\s+/);
      parsed.copies.push({ from: words.slice(0, -1), to: words.at(-1)! });
    }
    if (instruction === "RUN") parsed.runs.push(rest);
    if (instruction === "ENV")
      for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) parsed.env[name!] = value!;
    if (instruction === "CMD") parsed.command = JSON.parse(rest);
    if (instruction === "HEALTHCHECK") parsed.healthCheck = JSON.parse(rest.replace(/^.*?CMD /, ""));
  }
  return parsed;
}
