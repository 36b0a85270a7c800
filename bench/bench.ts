// npm run bench [-- --video FILE]: what a check costs next to decoding alone, how fast exact bytes are told, and
// how much memory large uploads take. Everything in one run, through both services, on this machine.

import { appendFile, copyFile, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runFfmpeg } from "@twinframe/evaluation/run-ffmpeg";
import { userPath } from "@twinframe/evaluation/user-path";
import { ApiClient } from "@twinframe/infra/local/demo/client";
import { serveFiles } from "@twinframe/infra/local/demo/file-server";
import { type Services, startServices } from "@twinframe/infra/local/services";
import type { Verdict } from "@twinframe/shared/contract";
import { descriptorMs } from "./descriptor-time.ts";
import { watchMemory } from "./memory.ts";
import { median, quantile, wallMs } from "./statistics.ts";

const ROUNDS = 7;
const PARALLEL = 10;
const FAST_CHECKS = 300;
const LARGE_UPLOADS = 4;
const MEBIBYTE = 1024 * 1024;

const say = (text: string) => process.stderr.write(`${text}\n`);
const decodeAlone = (file: string) =>
  runFfmpeg(["-nostdin", "-v", "error", "-i", file, "-map", "0:v:0", "-f", "null", "-"]);

const ENCODE = "-t 30 -c:v libx264 -preset veryfast -b:v 700k -maxrate 1M -bufsize 2M -pix_fmt yuv420p".split(
  " ",
);

/** 30 s of 360p with detail that moves. */
async function makeVideo(file: string): Promise<void> {
  const picture = "mandelbrot=size=640x360:rate=25:end_scale=0.0008:end_pts=700";
  await runFfmpeg(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture].concat(ENCODE, file));
}

/** As a library would hold it: another size and quality, so that only its pictures tell. */
async function makeOriginal(of: string, file: string): Promise<void> {
  const smaller = ["-an", "-vf", "scale=480:-2", "-c:v", "libx264", "-crf", "30"];
  await runFfmpeg(["-nostdin", "-v", "error", "-y", "-i", of].concat(smaller, file));
}

async function makeDistractor(file: string): Promise<void> {
  const picture =
    "life=size=160x90:rate=25:mold=10:life_color=#4fa3e0:death_color=#803020:seed=4,scale=640:360";
  await runFfmpeg(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture].concat(ENCODE, file));
}

/** About 100 MB: noise at a forced bitrate. */
async function makeLargeVideo(file: string, seed: number): Promise<void> {
  const picture = `testsrc2=size=1280x720:rate=25,noise=alls=60:allf=t:all_seed=${seed}`;
  const rate =
    "-t 16 -c:v libx264 -preset ultrafast -b:v 52M -minrate 52M -maxrate 52M -bufsize 52M -pix_fmt yuv420p".split(
      " ",
    );
  await runFfmpeg(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture].concat(rate, file));
}

let copies = 0;

/** The same video in bytes that were never sent before, so that no remembered verdict answers: a free box at its end. */
async function unseen(file: string): Promise<string> {
  const copy = `${file}.${copies++}.mp4`;
  const box = Buffer.from("\0\0\0\x0cfree0000", "latin1");
  box.writeUInt32BE(copies, 8);
  await copyFile(file, copy);
  await appendFile(copy, box);
  return copy;
}

interface MeasuredCheck {
  name: string;
  library: string;
  verdict: Verdict;
  aim: number;
}
/** A copy that its whole frames tell; and a video that no library holds, looked at in every way. */
const ORDINARY: MeasuredCheck = { name: "a copy's check", library: "copies", verdict: "duplicate", aim: 1.5 };
const CASCADE: MeasuredCheck = { name: "a distractor's", library: "distractors", verdict: "unique", aim: 4 };

async function checkAgainstDecoding(
  client: ApiClient,
  file: string,
  { name, library, verdict, aim }: MeasuredCheck,
): Promise<void> {
  const decodes: number[] = [];
  const checks: number[] = [];
  const ratios: number[] = [];
  const stages: Record<string, number[]> = {};
  const first = await client.checkFile(await unseen(file), library);
  if (first.verdict !== verdict) throw new Error(`${name} came out as ${first.verdict}, not ${verdict}`);
  for (let round = 0; round < ROUNDS; round++) {
    const decodeMs = await wallMs(() => decodeAlone(file));
    const copy = await unseen(file);
    const checkMs = await wallMs(async () => {
      const { timings_ms } = await client.checkFile(copy, library);
      for (const [stage, ms] of Object.entries(timings_ms ?? {}))
        stages[stage] = [...(stages[stage] ?? []), ms];
    });
    decodes.push(decodeMs);
    checks.push(checkMs);
    ratios.push(checkMs / decodeMs);
  }
  const split = Object.entries(stages).map(([stage, ms]) => `${stage} ${median(ms).toFixed(0)}`);
  console.log(
    `${`${name} ÷ decoding alone`.padEnd(32)}${median(ratios).toFixed(2)}  (${median(checks).toFixed(0)} ms ÷ ${median(decodes).toFixed(0)} ms; ${split.join(", ")}; aim ≤ ${aim})`,
  );
}

async function manyAtOnce(client: ApiClient, file: string, { library }: MeasuredCheck): Promise<void> {
  const parallelRatios: number[] = [];
  for (let round = 0; round < 3; round++) {
    const many = await Promise.all(Array.from({ length: PARALLEL }, () => unseen(file)));
    const decodeMs = await wallMs(() => Promise.all(many.map(decodeAlone)));
    const checkMs = await wallMs(() => Promise.all(many.map((each) => client.checkFile(each, library))));
    parallelRatios.push(checkMs / decodeMs);
  }
  console.log(
    `${PARALLEL} checks at once ÷ ${PARALLEL} decodes     ${median(parallelRatios).toFixed(2)}  (aim ≤ 1.15)`,
  );
}

async function fastPath(client: ApiClient, file: string, url: string): Promise<void> {
  await client.addReference("bench", url, {});
  const beyond: number[] = [];
  const walls: number[] = [];
  for (let i = 0; i < FAST_CHECKS; i++) {
    walls.push(
      await wallMs(async () => {
        const { timings_ms, found_by } = await client.checkFile(file);
        if (found_by !== "exact_bytes" || !timings_ms)
          throw new Error(`the fast path was not taken: ${found_by}`);
        beyond.push(timings_ms.total - timings_ms.intake);
      }),
    );
  }
  console.log(
    `fast path beyond the body       p50 ${quantile(beyond, 0.5).toFixed(0)} ms, p99 ${quantile(beyond, 0.99).toFixed(0)} ms  (aim p50 ≤ 10; whole request p50 ${quantile(walls, 0.5).toFixed(0)} ms, p99 ${quantile(walls, 0.99).toFixed(0)} ms)`,
  );
}

async function largeUploads(client: ApiClient, services: Services, folder: string): Promise<void> {
  const files = Array.from({ length: LARGE_UPLOADS }, (_, i) => join(folder, `large-${i}.mp4`));
  for (const [i, file] of files.entries()) await makeLargeVideo(file, i + 1);
  const watch = () => ({
    edge: watchMemory([services.edge.pid]),
    backend: watchMemory([services.backend.pid]),
  });
  // Wrangler itself and ffmpeg's processes are named, not counted: production has no wrangler, and ffmpeg's
  // memory is the decoder's own.
  const both = ({ edge, backend }: { edge: Map<string, number>; backend: Map<string, number> }) =>
    (edge.get("workerd") ?? 0) + (backend.get("MainThread") ?? backend.get("node") ?? 0);
  const stopped = ({ edge, backend }: ReturnType<typeof watch>) => ({
    edge: edge.stop(),
    backend: backend.stop(),
  });
  const idle = both(stopped(watch()));
  const watching = watch();
  await Promise.all(files.map((file) => client.checkFile(file)));
  const peak = stopped(watching);
  const mebibytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(0);
  const show = (of: Map<string, number>) =>
    [...of].map(([name, bytes]) => `${name} ${mebibytes(bytes)}`).join(", ");
  console.log(
    `memory, ${LARGE_UPLOADS} checks of 100 MB       ${mebibytes(both(peak))} MiB workerd and backend together, ${mebibytes(idle)} of it before they came (aim ≤ 600; peak edge: ${show(peak.edge)}; backend: ${show(peak.backend)})`,
  );
}

const { values } = parseArgs({ options: { video: { type: "string" } } });
const temporary = await mkdtemp(join(tmpdir(), "twinframe-bench-"));
const server = await serveFiles();
let services: Services | undefined;
try {
  const video = join(temporary, "clip.mp4");
  if (values.video === undefined) {
    say("making a video …");
    await makeVideo(video);
  } else await copyFile(userPath(values.video), video);
  services = await startServices({
    stateDir: join(temporary, "state"),
    extraEdgeVars: { INTAKE_ALLOWED_HOSTS: server.host },
    log: say,
  });
  const client = new ApiClient(services.edgeUrl, services.apiKey);
  console.log(`${availableParallelism()} cores`);
  console.log(`descriptor, a frame on one core ${(await descriptorMs()).toFixed(2)} ms  (aim ≤ 3)`);
  const original = join(temporary, "original.mp4");
  const distractor = join(temporary, "distractor.mp4");
  await makeOriginal(video, original);
  await makeDistractor(distractor);
  await client.addReference("original", server.urlOf(original), {}, ORDINARY.library);
  await client.addReference("distractor", server.urlOf(distractor), {}, CASCADE.library);
  await checkAgainstDecoding(client, video, ORDINARY);
  await checkAgainstDecoding(client, video, CASCADE);
  await manyAtOnce(client, video, ORDINARY);
  await largeUploads(client, services, temporary);
  await fastPath(client, video, server.urlOf(video));
} finally {
  await services?.stop();
  server.close();
  await rm(temporary, { recursive: true, force: true });
}
