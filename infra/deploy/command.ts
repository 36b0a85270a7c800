// Programs that a deployment runs, one after the other; the first that fails ends it.

import { spawn } from "node:child_process";

export class CommandFailed extends Error {}

export interface CommandOptions {
  root: string;
  env?: Record<string, string>;
  /** What it prints is given back and not shown. */
  quiet?: boolean;
}

export async function runCommand(
  command: string,
  args: string[],
  { root, env, quiet }: CommandOptions,
): Promise<string> {
  const stdio = quiet ? "pipe" : "inherit";
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", stdio, "inherit"],
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((done, failed) =>
    child.on("error", failed).on("close", done),
  );
  if (code !== 0) throw new CommandFailed(`${[command, ...args].join(" ")} ended with ${code}`);
  return output;
}
