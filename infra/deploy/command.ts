// Programs that a deployment runs, one after the other; the first that fails ends it.

import { execa } from "execa";

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
  { root, env = {}, quiet }: CommandOptions,
): Promise<string> {
  const stdout = quiet ? "pipe" : "inherit";
  const result = await execa(command, args, {
    cwd: root,
    env,
    stdin: "ignore",
    stdout,
    stderr: "inherit",
    reject: false,
  });
  if (result.failed)
    throw new CommandFailed(
      `${[command, ...args].join(" ")} ended with ${result.exitCode ?? result.signal ?? result.code}`,
    );
  return typeof result.stdout === "string" ? result.stdout : "";
}
