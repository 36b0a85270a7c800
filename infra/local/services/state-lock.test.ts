import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockState } from "./state-lock.ts";
import { tempFolder } from "./temp-folder.ts";

const lockModule = new URL("../pid-lock.mjs", import.meta.url).href;

/** Another process that tries to take the lock, says how that went, and lives on. */
async function taker(folder: string): Promise<{ child: ChildProcess; outcome: { heldBy?: number } }> {
  const code = `
    const { takeLock } = await import(${JSON.stringify(lockModule)});
    console.log(JSON.stringify(await takeLock(${JSON.stringify(join(folder, "in-use.lock"))})));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(child.stdout!, "data");
  return { child, outcome: JSON.parse(String(line)) };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("a state folder in use is refused with the owner's process id until it is released", async () => {
  const folder = tempFolder();
  const release = await lockState(folder);
  await expect(lockState(folder)).rejects.toThrow(
    `${folder} is in use by process ${process.pid}. Stop that one`,
  );
  release();
  const again = await lockState(folder);
  again();
  expect(existsSync(join(folder, "in-use.lock"))).toBe(false);
});

test("the lock of a process that was killed (kill -9) is taken over", async () => {
  const folder = tempFolder();
  const { child, outcome } = await taker(folder);
  expect(outcome).toEqual({});
  await expect(lockState(folder)).rejects.toThrow(`process ${child.pid}`);
  await killed(child);
  const release = await lockState(folder);
  expect(JSON.parse(readFileSync(join(folder, "in-use.lock"), "utf8")).pid).toBe(process.pid);
  release();
});

test("of several processes that find a dead owner, one gets the lock", async () => {
  const folder = tempFolder();
  await killed((await taker(folder)).child);
  const outcomes = (await Promise.all(Array.from({ length: 5 }, () => taker(folder)))).map(
    ({ outcome }) => outcome,
  );
  expect(outcomes.filter(({ heldBy }) => heldBy === undefined)).toHaveLength(1);
});

test.runIf(process.platform === "linux")(
  "a lock whose process id was reused by another process is taken over",
  async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "in-use.lock"), JSON.stringify({ pid: process.pid, start: "1" }));
    (await lockState(folder))();
  },
);

test("an old empty lock file is taken over", async () => {
  const folder = tempFolder();
  const file = join(folder, "in-use.lock");
  writeFileSync(file, "");
  utimesSync(file, 1, 1);
  (await lockState(folder))();
});
