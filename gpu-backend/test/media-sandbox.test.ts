// A stand-in for ffmpeg that has been taken over, in the very launcher and box that videos are read in.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmod, copyFile, readFile, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  chooseSandbox,
  closeInheritedDescriptors,
  DEFAULT_MEDIA_LIMITS,
  probeVideo,
  sampleFrames,
} from "../src/media/index.ts";
import { runTool, textCollector } from "../src/media/run-tool.ts";
import type { Launch } from "../src/media/sandbox/launch.ts";
import { type Level, levels } from "../src/media/sandbox/levels.ts";
import { type Architecture, syscallNumbers } from "../src/media/sandbox/syscalls.ts";
import { clip, scratchFolder } from "./clips.ts";
import { processesWith } from "./processes.ts";

const limits = DEFAULT_MEDIA_LIMITS;
const architecture = process.arch as Architecture;
const CALLS = (
  "fcntl ptrace process_vm_readv mount umount2 pivot_root chroot unshare setns keyctl add_key bpf userfaultfd perf_event_open " +
  "io_uring_setup io_uring_enter personality open_by_handle_at kexec_load init_module setpriority sched_setscheduler " +
  "clone clone3 pidfd_open shmget mq_open setresuid fanotify_init tkill mmap setrlimit ioctl getpid"
).split(" ");
const MEMFD_CREATE: Record<Architecture, number> = { x64: 319, arm64: 279 };

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let hostile: string;
let secret: string;
let video: string;
let reached = 0;
const tcp = createServer(() => reached++);
const udp = createSocket("udp4", () => reached++);
const SAMPLING = { width: 64, height: 64, framesPerSecond: 2, minFrames: 8 };
const boxes = levels().filter(({ level }) => level === "bubblewrap");

beforeAll(async () => {
  // As the backend does when it starts.
  closeInheritedDescriptors();
  scratch = await scratchFolder();
  hostile = join(scratch.path, "ffmpeg");
  await copyFile(join(import.meta.dirname, "hostile-tool.pl"), hostile);
  // As open as it can be: what keeps the stand-in from changing them are not these files' own rights.
  await chmod(scratch.path, 0o777);
  await chmod(hostile, 0o777);
  secret = join(scratch.path, "index.sqlite");
  await writeFile(secret, "vectors");
  await chmod(secret, 0o666);
  video = await clip();
  tcp.listen(0, "127.0.0.1");
  udp.bind(0, "127.0.0.1");
  await Promise.all([once(tcp, "listening"), once(udp, "listening")]);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  tcp.close();
  udp.close();
  await scratch[Symbol.asyncDispose]();
});

/** What the stand-in says of its attempts, when it is run as ffmpeg is. */
async function attack(level: Level, more: string[] = [], memoryBytes = limits.readingMemoryBytes) {
  vi.stubEnv("FFMPEG_PATH", hostile);
  vi.stubEnv("TWINFRAME_SIGNING_SECRET", "not for ffmpeg");
  const output = textCollector(1 << 16);
  const outcome = await runTool(
    {
      tool: "ffmpeg",
      file: video,
      wallMs: 30_000,
      onOutput: output.onOutput,
      arguments: [
        ...[`secret=${secret}`, `pid=${process.pid}`],
        ...[`tcp=${(tcp.address() as AddressInfo).port}`, `udp=${udp.address().port}`],
        ...CALLS.flatMap((name) =>
          syscallNumbers([name], architecture).map((number) => `sys:${name}=${number}`),
        ),
        `sys:memfd_create=${MEMFD_CREATE[architecture]}`,
        ...(architecture === "x64" ? ["x32=1"] : []),
        ...more,
      ],
    },
    { ...limits, readingMemoryBytes: memoryBytes, sandbox: { ...level, reason: null } },
  );
  const lines = output.text().trim().split("\n");
  return { outcome, lines, broke: lines.filter((line) => line.startsWith("BROKE")) };
}

describe.skipIf(boxes.length === 0)("a decoder that has been taken over", () => {
  test.for(boxes)("gets out of $name in no way", async (level) => {
    const { lines, broke, outcome } = await attack(level);
    expect({ stderr: outcome.stderr, broke, last: lines.at(-1) }).toEqual({
      stderr: expect.anything(),
      broke: [],
      last: "done",
    });
    expect(lines.length).toBeGreaterThan(90);
    expect(reached).toBe(0);
    expect(await readFile(secret, "utf8")).toBe("vectors");
    expect((await stat(hostile)).size).toBeGreaterThan(1000);
    expect((await stat(video)).size).toBeGreaterThan(1000);
  });

  test.for(boxes)("gets no more memory than one process may use, in $name", async (level) => {
    const { lines } = await attack(level, ["fill=512"], 256 * 1024 ** 2);
    expect(lines).toEqual([""]);
    const enough = await attack(level, ["fill=128"], 256 * 1024 ** 2);
    expect(enough.lines).toEqual(["BROKE memory: took 128 MiB"]);
  });
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot && process.platform === "linux")(
  "without a box it still has no environment, no file of the backend's, and nothing to write",
  async () => {
    await chmod(secret, 0o600);
    const { broke, lines } = await attack(levels().find(({ level }) => level === "setpriv")!, ["gentle=1"]);
    await chmod(secret, 0o666);
    expect({ broke, last: lines.at(-1) }).toEqual({ broke: [], last: "done" });
  },
);

test.for(levels())("a video is read alike in $name", async (level) => {
  const inLevel = { ...limits, sandbox: { ...level, reason: null } };
  const probed = await probeVideo(video, inLevel);
  expect(probed).toMatchObject({ codec: "h264", width: 320, height: 240 });
  const frames = await sampleFrames({ file: video, probed }, SAMPLING, inLevel);
  expect(frames.count).toBe(8);
});

test("a box that cannot be made is not the video's fault", async () => {
  const [level] = levels() as [Level];
  const missing = {
    ...level,
    arguments: (launch: Launch) => level.arguments({ ...launch, file: "/no/video" }),
  };
  const probing = probeVideo(video, { ...limits, sandbox: { ...missing, reason: null } });
  await expect(probing).rejects.toThrow(/cannot be run/);
});

test.for(levels())("a decoder that crashes is told by its signal, in $name", async (level) => {
  const { outcome } = await attack(level, ["crash=1", "gentle=1"]);
  expect(outcome).toMatchObject({ exitCode: null, signal: "SIGSEGV", stoppedFor: null });
});

test.runIf(process.platform === "linux")("no ffmpeg outlives a backend that is killed", async () => {
  // Found by an argument that nobody else gives it.
  const maxPixels = limits.maxPixels - 1000 - (process.pid % 100_000);
  const decoding = spawn(
    process.execPath,
    ["--input-type=module", "--eval", DECODE_FOR_LONG, JSON.stringify({ maxPixels, file: await longClip() })],
    { cwd: join(import.meta.dirname, "../src/media"), stdio: "inherit" },
  );
  await vi.waitFor(async () => expect(await decoders(maxPixels)).not.toEqual([]), WAIT);
  decoding.kill("SIGKILL");
  await once(decoding, "exit");
  await vi.waitFor(async () => expect(await decoders(maxPixels)).toEqual([]), WAIT);
});

const WAIT = { timeout: 20_000, interval: 20 };
const decoders = async (maxPixels: number) =>
  (await processesWith(String(maxPixels))).filter((line) => line.includes("rawvideo"));
const longClip = () => clip({ picture: "mandelbrot", size: "640x480", durationS: 30 });
const DECODE_FOR_LONG = `
  const { DEFAULT_MEDIA_LIMITS, probeVideo, sampleFrames } = await import(process.cwd() + "/index.ts");
  const { file, maxPixels } = JSON.parse(process.argv[1]);
  const limits = { ...DEFAULT_MEDIA_LIMITS, maxPixels };
  const sampling = { width: 256, height: 256, framesPerSecond: 25, minFrames: 8 };
  for (;;) await sampleFrames({ file, probed: await probeVideo(file, limits) }, sampling, limits);
`;

test.runIf(process.platform === "linux")("nothing is left of what a dying backend was starting", async () => {
  const maxPixels = limits.maxPixels - 1000 - (process.pid % 100_000) - 100_000;
  const starting = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      START_MANY_AND_DIE,
      JSON.stringify({ maxPixels, file: await longClip() }),
    ],
    { cwd: join(import.meta.dirname, "../src/media"), stdio: "inherit" },
  );
  const [, signal] = await once(starting, "exit");
  expect(signal).toBe("SIGKILL");
  await vi.waitFor(async () => expect(await processesWith(String(maxPixels))).toEqual([]), WAIT);
});

const START_MANY_AND_DIE = `
  const { DEFAULT_MEDIA_LIMITS, probeVideo, sampleFrames } = await import(process.cwd() + "/index.ts");
  const { file, maxPixels } = JSON.parse(process.argv[1]);
  const sampling = { width: 256, height: 256, framesPerSecond: 25, minFrames: 8 };
  const probed = await probeVideo(file, DEFAULT_MEDIA_LIMITS);
  const limits = { ...DEFAULT_MEDIA_LIMITS, maxPixels };
  for (let i = 0; i < 12; i++)
    setTimeout(() => sampleFrames({ file, probed }, sampling, limits).catch(() => {}), i);
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 20);
`;

describe("the choice of a level", () => {
  test("takes the strongest that works, and says why not a stronger one", async () => {
    const { level, reason } = await chooseSandbox("auto");
    if (level === "bubblewrap") expect(reason).toBeNull();
    else expect(reason).toMatch(/bubblewrap/);
    expect(await chooseSandbox("off")).toMatchObject({
      level: "rlimits",
      reason: expect.stringMatching(/off/),
    });
  });

  test("refuses to start without a box where that is required, and says what to do", async () => {
    vi.stubEnv("FFMPEG_PATH", "/no/such/ffmpeg");
    await expect(chooseSandbox("required")).rejects.toThrow(/Install bubblewrap and allow user namespaces/);
    await expect(chooseSandbox("auto")).rejects.toThrow(/Install ffmpeg/);
  });
});
