import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tempFolder } from "./services/temp-folder.ts";
import { isTooOld } from "./set-up/ffmpeg.mjs";

const here = import.meta.dirname;
const GOOD = "version 7.1 Copyright\\nconfiguration: --enable-gpl --enable-libx264";

/** A checkout with nothing to download, and a PATH with nothing on it but what the test puts there. */
function checkout() {
  const root = tempFolder();
  const bin = join(root, "path");
  mkdirSync(bin);
  for (const file of ["set-up.mjs", "set-up", "pid-lock.mjs"]) {
    cpSync(join(here, file), join(root, "infra/local", file), { recursive: true });
  }
  const lock = (version: string) => {
    const about = { name: "tiny", version };
    writeFileSync(
      join(root, "package.json"),
      JSON.stringify({ ...about, scripts: { install: "echo ran >> npm.log" } }),
    );
    const packages = { "": about };
    writeFileSync(
      join(root, "package-lock.json"),
      JSON.stringify({ ...about, lockfileVersion: 3, packages }),
    );
  };
  lock("1.0.0");
  symlinkSync(process.execPath, join(bin, "node"));
  const program = (name: string, code: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${code}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const tools = ["sh", "cat", "chmod", "echo", "env"];
  for (const tool of tools)
    symlinkSync(existsSync(`/bin/${tool}`) ? `/bin/${tool}` : `/usr/bin/${tool}`, join(bin, tool));
  const npm = (process.env.PATH ?? "").split(":").find((folder) => existsSync(join(folder, "npm")));
  symlinkSync(join(npm ?? dirname(process.execPath), "npm"), join(bin, "npm"));
  const ffmpeg = () => {
    for (const name of ["ffmpeg", "ffprobe"]) program(name, `printf '${name} ${GOOD}\\n'`);
  };
  const start = (...args: string[]): ChildProcess => {
    const env = {
      PATH: bin,
      HOME: root,
      npm_config_cache: join(root, "npm-cache"),
      npm_config_update_notifier: "false",
    };
    const child = spawn(process.execPath, [join(root, "infra/local/set-up.mjs"), ...args], {
      env,
      cwd: root,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const run = async (...args: string[]) => finished(start(...args));
  const installs = () => {
    const log = join(root, "npm.log");
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0;
  };
  return { root, bin, lock, program, ffmpeg, start, run, installs };
}

async function finished(child: ChildProcess) {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes) => (output += bytes));
  const [code, signal] = await once(child, "close");
  return { code, signal, output };
}

test("set-up installs packages once, and again when the lock file changes", async () => {
  const { root, lock, ffmpeg, run, installs } = checkout();
  ffmpeg();
  writeFileSync(join(root, "hello.mjs"), "console.log('hello', ...process.argv.slice(2));");
  const first = await run("hello.mjs", "big world", "--flag");
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining("Installing the locked packages") });
  expect(first.output).toMatch(/hello big world --flag\n$/);
  expect(installs()).toBe(1);
  expect(await run("hello.mjs")).toEqual({ code: 0, signal: null, output: "hello\n" });
  expect(installs()).toBe(1);
  lock("1.0.1");
  expect((await run()).output).toContain("Everything is in place.");
  expect(installs()).toBe(2);
});

test("of two set-ups at once, one installs and both go on", async () => {
  const { root, ffmpeg, start, installs } = checkout();
  ffmpeg();
  writeFileSync(join(root, "hello.mjs"), "console.log('hello');");
  const both = await Promise.all([finished(start("hello.mjs")), finished(start("hello.mjs"))]);
  for (const { code, output } of both) expect([code, output.endsWith("hello\n")]).toEqual([0, true]);
  expect(installs()).toBe(1);
});

test("set-up shows a failed npm ci whole and tries again the next time", async () => {
  const { root, ffmpeg, run } = checkout();
  ffmpeg();
  const manifest = join(root, "package.json");
  const good = JSON.parse(readFileSync(manifest, "utf8"));
  writeFileSync(manifest, JSON.stringify({ ...good, scripts: { install: "echo the cause; exit 1" } }));
  for (let attempt = 0; attempt < 2; attempt++) {
    const { code, output } = await run("hello.mjs");
    expect(code).toBe(1);
    expect(output).toMatch(/^the cause$/m);
    expect(output).toContain("npm ci failed (see above).");
  }
  writeFileSync(manifest, JSON.stringify(good));
  expect((await run()).code).toBe(0);
});

test("set-up passes on the script's exit code and signals", async () => {
  const { root, ffmpeg, run, start } = checkout();
  ffmpeg();
  writeFileSync(join(root, "exits.mjs"), "process.exit(7);");
  writeFileSync(join(root, "dies.mjs"), "process.kill(process.pid, 'SIGKILL');");
  const listening = "console.log('up'); setInterval(() => {}, 1000);";
  const counting = `let n = 0; process.on('SIGTERM', () => { n++; setTimeout(() => process.exit(40 + n), 200); });`;
  writeFileSync(join(root, "waits.mjs"), counting + listening);
  expect(await run("exits.mjs")).toMatchObject({ code: 7, signal: null });
  expect(await run("dies.mjs")).toMatchObject({ code: null, signal: "SIGKILL" });
  const child = start("waits.mjs");
  await once(child.stdout!, "data");
  child.kill("SIGTERM");
  expect(await finished(child)).toMatchObject({ code: 41, signal: null });
});

test("set-up reports a missing ffmpeg in one line where no package manager can install it", async () => {
  const { run } = checkout();
  const { code, output } = await run();
  expect(code).toBe(1);
  expect(output.trim().split("\n").at(-1)).toBe(
    "Twinframe needs ffmpeg and ffprobe 4.4 or newer, with libx264, on PATH; ffmpeg is missing. " +
      "Install it, then run this again.",
  );
});

test("set-up installs a missing ffmpeg from the system's packages", async () => {
  const { bin, root, program, run } = checkout();
  // Whoever is not root goes through sudo.
  program("sudo", `[ "$1" = -n ] && shift; exec "$@"`);
  program("true", "");
  const make = ["ffmpeg", "ffprobe"].map(
    (name) => `echo "#!/bin/sh\nprintf '${name} ${GOOD}\\n'" > ${bin}/${name}; chmod +x ${bin}/${name}`,
  );
  program("apt-get", `echo "$@" >> ${root}/apt.log\nif [ "$1" = install ]; then ${make.join("; ")}; fi`);
  expect(await run()).toMatchObject({
    code: 0,
    output: expect.stringContaining("Installing ffmpeg and bubblewrap with apt-get"),
  });
  expect(readFileSync(join(root, "apt.log"), "utf8")).toBe(
    "update -q\ninstall -y -q --no-install-recommends ffmpeg bubblewrap\n",
  );
  expect(await run()).toEqual({ code: 0, signal: null, output: "Everything is in place.\n" });
});

test("set-up installs a missing bubblewrap from the system's packages, and goes on without where it cannot", async () => {
  const { ffmpeg, bin, root, program, run } = checkout();
  ffmpeg();
  program("sudo", `[ "$1" = -n ] && shift; exec "$@"`);
  program("true", "");
  program("apt-get", `echo "$@" >> ${root}/apt.log; exit 1`);
  const without = await run();
  expect(without).toMatchObject({ code: 0, output: expect.stringContaining("runs without a box around it") });
  expect(await run()).toEqual({ code: 0, signal: null, output: "Everything is in place.\n" });
  program(
    "apt-get",
    `if [ "$1" = install ]; then echo "#!/bin/sh" > ${bin}/bwrap; chmod +x ${bin}/bwrap; fi`,
  );
  program("ffmpeg", `printf 'ffmpeg ${GOOD}\\n'; true another build`);
  expect((await run()).output).toContain("Installing bubblewrap with apt-get");
  expect(existsSync(join(bin, "bwrap"))).toBe(true);
  expect(readFileSync(join(root, "apt.log"), "utf8")).toContain("--no-install-recommends bubblewrap");
});

test("set-up reports an ffmpeg without libx264 that the system's packages do not replace", async () => {
  const { ffmpeg, program, run } = checkout();
  ffmpeg();
  program("ffmpeg", "printf 'ffmpeg version 7.1 Copyright\\n'");
  program("brew", "exit 0");
  const { code, output } = await run();
  expect(code).toBe(1);
  expect(output).toContain('after "brew install --quiet ffmpeg" ffmpeg was built without libx264.');
});

test.each([
  ["ffmpeg version 5.1.9-0+deb12u1 Copyright", false],
  ["ffmpeg version n4.4.2", false],
  ["ffprobe version 4.3.8-0+deb11u1", true],
  ["ffmpeg version 3.4", true],
  ["ffmpeg version N-118448-g43be8d0728", false],
])("%s: too old %s", (line, tooOld) => {
  expect(isTooOld(line)).toBe(tooOld);
});
