import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { answersWith } from "./answers.ts";
import { keepRunning, TIMES } from "./keep-running.ts";
import { choosePort, PortUnavailable } from "./ports.ts";
import { groupMembers } from "./process-group.ts";
import { type Service, startService } from "./service.ts";
import type { ServiceDefinition } from "./service-run.ts";
import { tempFolder } from "./temp-folder.ts";

// A service with a child of its own, which crashes, hangs and ignores requests to stop when told to.
const STUB = `
  import { spawn } from "node:child_process";
  import { createServer } from "node:http";
  spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
  let silent = false;
  const server = createServer((request, response) => {
    if (request.url === "/crash") { console.error("out of luck"); process.exit(3); }
    if (request.url === "/silence") silent = true;
    if (!silent || request.url === "/silence") response.end();
  });
  process.on("SIGTERM", () => { console.log("drained"); if (!process.env.STUBBORN) process.exit(0); });
  server.listen(Number(process.env.PORT), "127.0.0.1");
`;

async function definition(
  env: Record<string, string> = {},
  code = STUB,
): Promise<ServiceDefinition & { url: string }> {
  const folder = tempFolder();
  const port = await choosePort();
  const script = join(folder, "stub.mjs");
  writeFileSync(script, code);
  const url = `http://127.0.0.1:${port}`;
  return {
    name: "backend",
    args: [script],
    cwd: folder,
    env: { ...env, PORT: String(port) },
    logFile: join(folder, "logs/stub.log"),
    isReady: () => answersWith(url, () => true),
    readyWithinMs: 30_000,
    drainMs: 1_000,
    url,
  };
}

async function started(wanted: ServiceDefinition): Promise<Service> {
  const service = await startService(wanted);
  onTestFinished(() => service.kill());
  return service;
}

const within = { timeout: 20_000, interval: 20 };

test("stopping a service lets it drain and ends all its child processes", async () => {
  const service = await started(await definition());
  await vi.waitFor(() => expect(groupMembers(service.pid)).toHaveLength(2), within);
  await service.stop();
  expect(groupMembers(service.pid)).toEqual([]);
  expect(service.logTail()).toContain("drained");
  expect(await service.ended).toEqual({ code: 0, signal: null, wanted: true });
});

test("a service that ignores SIGTERM is killed after its drain time", async () => {
  const service = await started(await definition({ STUBBORN: "1" }));
  await service.stop();
  expect(groupMembers(service.pid)).toEqual([]);
  expect(await service.ended).toEqual({ code: null, signal: "SIGKILL", wanted: true });
});

test("a service that was killed serves on the same port after a restart", async () => {
  const wanted = await definition();
  const service = await started(wanted);
  const before = service.pid;
  await service.kill();
  await expect(answersWith(wanted.url, () => true)).rejects.toThrow();
  await service.restart();
  expect(service.pid).not.toBe(before);
  expect(await answersWith(wanted.url, () => true)).toBe(true);
});

test("stopping a service during its restart leaves no process", async () => {
  const service = await started(await definition());
  const restart = service.restart().catch((error) => error.message);
  await service.stop();
  expect(await restart).toBe("The backend was stopped while it was starting.");
  expect(groupMembers(service.pid)).toEqual([]);
});

test("a service that ends while it starts is reported with the last log lines of this run", async () => {
  const wanted = await definition(
    {},
    "console.log('one line'); console.error('the cause'); process.exit(4);",
  );
  await expect(startService(wanted)).rejects.toThrow(
    /ended while starting \(exit code 4\).*\none line\nthe cause$/,
  );
  await expect(startService(wanted)).rejects.toThrow(/stub\.log\):\none line\nthe cause$/);
});

test("a service ends when the process that started it is killed", async () => {
  const wanted = await definition();
  const module = JSON.stringify(new URL("./service.ts", import.meta.url).href);
  const code = `
    const { startService } = await import(${module});
    const { isReady, ...rest } = ${JSON.stringify(wanted)};
    const service = await startService({ ...rest, isReady: async () => (await fetch("${wanted.url}")).ok });
    console.log(service.pid);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const [line] = await once(owner.stdout, "data");
  const pid = Number(String(line));
  expect(groupMembers(pid)).toContain(pid);
  owner.kill("SIGKILL");
  await vi.waitFor(() => expect(groupMembers(pid)).toEqual([]), within);
});

test("a service that crashes or stops answering is reported and restarted", async () => {
  const wanted = await definition();
  const service = await started(wanted);
  const lines: string[] = [];
  const over = new AbortController();
  const watch = keepRunning(service, {
    answers: async () => (await fetch(wanted.url, { signal: AbortSignal.timeout(500) })).ok,
    log: (line) => lines.push(line),
    signal: over.signal,
    times: { ...TIMES, firstDelayMs: 1, probeEveryMs: 20, probeAgainMs: 20 },
  });
  const timesBack = () => lines.filter((line) => line === "The backend is back.").length;
  await fetch(`${wanted.url}/crash`).catch(() => {});
  await vi.waitFor(() => expect(timesBack()).toBe(1), within);
  expect(lines[0]).toBe("The backend ended by itself (exit code 3). Its last lines:\nout of luck");
  await fetch(`${wanted.url}/silence`);
  await vi.waitFor(() => expect(timesBack()).toBe(2), within);
  expect(lines).toContain("The backend runs but no longer answers.");
  over.abort();
  expect(await watch).toBe("stopped");
});

test("a service is given up after several quick crashes", async () => {
  const wanted = await definition();
  const service = await started(wanted);
  const lines: string[] = [];
  writeFileSync(join(wanted.cwd, "stub.mjs"), "process.exit(5)");
  const watch = keepRunning(service, {
    answers: async () => true,
    log: (line) => lines.push(line),
    signal: new AbortController().signal,
    times: { ...TIMES, firstDelayMs: 1, crashesUntilGivenUp: 3 },
  });
  await fetch(`${wanted.url}/crash`).catch(() => {});
  expect(await watch).toBe("given up");
  expect(lines.at(-1)).toContain("The backend failed 3 times in a row: giving up.");
});

test("a port that is in use is refused by its number and the system's code", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await expect(choosePort(port)).rejects.toThrow(PortUnavailable);
  await expect(choosePort(port)).rejects.toThrow(`Port ${port} cannot be used on 127.0.0.1 (EADDRINUSE)`);
});
