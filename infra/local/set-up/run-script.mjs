// Runs a script on Node 24 as if it had been started directly: its terminal, its signals, its exit code.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { errorForUser } from "./progress.mjs";

const NODE_MAJOR = 24;

export async function runScript(root, script, args) {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  const child = spawn(newNode(bin), [resolve(root, script), ...args], { cwd: root, env, stdio: "inherit" });

  const onTerminate = () => child.kill("SIGTERM");
  // A terminal sends Ctrl-C to every process of the foreground group, the child too: it must not get it twice.
  const onInterrupt = () => {
    if (!inForeground()) child.kill("SIGINT");
  };
  process.on("SIGTERM", onTerminate).on("SIGINT", onInterrupt);

  const { code, signal } = await new Promise((done, failed) => {
    child.on("error", failed).on("exit", (code, signal) => done({ code, signal }));
  });
  process.off("SIGTERM", onTerminate).off("SIGINT", onInterrupt);
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = code ?? 1;
}

function newNode(bin) {
  const installed = join(bin, "node");
  if (existsSync(installed)) return installed;
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  throw errorForUser(
    `Twinframe needs Node ${NODE_MAJOR}, which npm carries for Linux on x64 and arm64 only. This is Node ` +
      `${process.versions.node} on ${process.platform}-${process.arch}: install Node ${NODE_MAJOR} ` +
      "(https://nodejs.org), then run this again.",
  );
}

/** Whether we are in the group that the terminal's Ctrl-C reaches. */
function inForeground() {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , , foregroundGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foregroundGroup;
  } catch {
    return process.stdin.isTTY === true;
  }
}
