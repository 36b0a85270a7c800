// `node infra/local/set-up.mjs [script args…]`: makes a fresh clone ready, then runs the script on Node 24.
// It runs before anything is installed, on Node 20: plain JavaScript, and nothing but Node itself. When all is
// in place it says nothing and costs a few milliseconds, so that every npm script can begin with it.

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { takeLock } from "./pid-lock.mjs";
import { dependenciesStamp, installDependencies } from "./set-up/dependencies.mjs";
import { copyDocsPage, docsPageMissing } from "./set-up/docs-page.mjs";
import { ffmpegStamp, installFfmpeg } from "./set-up/ffmpeg.mjs";
import { say } from "./set-up/progress.mjs";
import { runScript } from "./set-up/run-script.mjs";
import { readStamp, writeStamp } from "./set-up/stamp.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

function missing() {
  const stamp = readStamp(root);
  return {
    dependencies: stamp.dependencies !== dependenciesStamp(root),
    docsPage: docsPageMissing(root),
    ffmpeg: stamp.ffmpeg === undefined || stamp.ffmpeg !== ffmpegStamp(),
  };
}

async function setUp() {
  if (!Object.values(missing()).includes(true)) return;
  const release = await waitForLock();
  try {
    // Whoever had the lock before may have done it all.
    const installs = missing().dependencies;
    if (installs) {
      await installDependencies(root);
      writeStamp(root, { dependencies: dependenciesStamp(root) });
    }
    // With other packages it may be another version.
    if (installs || missing().docsPage) copyDocsPage(root);
    if (missing().ffmpeg) {
      await installFfmpeg();
      writeStamp(root, { ffmpeg: ffmpegStamp() });
    }
  } finally {
    release();
  }
}

async function waitForLock() {
  for (let told = false; ; told = true) {
    const lock = await takeLock(resolve(root, ".twinframe/set-up.lock"));
    if (lock.release) return lock.release;
    if (!told) say(`Waiting for the set-up that process ${lock.heldBy} is doing.`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

const [script, ...args] = process.argv.slice(2);
try {
  await setUp();
  if (script === undefined) say("Everything is in place.");
  else await runScript(root, script, args);
} catch (error) {
  console.error(error.forUser ? `\n${error.message}\n` : error);
  process.exitCode = 1;
}
