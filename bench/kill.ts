// npm run bench:kill [-- --checks N]: many checks at once, the backend killed and started again in the middle.
// Each must end completed, none twice, none lost: with `index: "if_unique"` each video becomes one reference.

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runFfmpeg } from "@twinframe/evaluation/run-ffmpeg";
import { type Services, startServices } from "@twinframe/infra/local/services";
import pMap from "p-map";

const LIBRARY = "killed";
const { values } = parseArgs({ options: { checks: { type: "string", default: "200" } } });
const count = Number(values.checks);

interface Check {
  id: string;
  status: string;
  indexed_as?: string | null;
  problem?: { code: string };
}

/** Two seconds of a world of its own. */
async function makeVideo(file: string, seed: number): Promise<void> {
  const picture = `life=size=80x60:rate=12:mold=10:ratio=0.3:seed=${seed + 1}:life_color=#${(0x404040 + seed * 7919).toString(16).slice(-6).padStart(6, "8")},scale=240:180:flags=neighbor`;
  await runFfmpeg(
    ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-t", "2"].concat(
      "-c:v libx264 -preset ultrafast -pix_fmt yuv420p".split(" "),
      file,
    ),
  );
}

const folder = await mkdtemp(join(tmpdir(), "twinframe-bench-kill-"));
let services: Services | undefined;
try {
  const videos = Array.from({ length: count }, (_, i) => join(folder, "videos", `${i}.mp4`));
  await mkdir(join(folder, "videos"));
  await pMap(videos, makeVideo, { concurrency: 2 });
  services = await startServices({
    stateDir: join(folder, "state"),
    extraEdgeVars: { TENANT_MAX_AT_ONCE: String(count) },
    log: (line) => console.log(line),
  });
  const { edgeUrl, apiKey, backend } = services;
  const ask = async (method: string, path: string, body?: Uint8Array<ArrayBuffer>): Promise<Check> => {
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "video/mp4", prefer: "wait=0" };
    const response = await fetch(`${edgeUrl}${path}`, { method, headers, ...(body ? { body } : {}) });
    const answer = (await response.json()) as Check;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const begun = Date.now();
  const submitted = await Promise.all(
    videos.map(async (file) => {
      const bytes = new Uint8Array(await readFile(file));
      return ask("POST", `/v1/checks?library=${LIBRARY}&index=if_unique`, bytes);
    }),
  );
  const ended = new Map<string, Check>();
  const refresh = async () => {
    const open = submitted.filter(({ id }) => !ended.has(id));
    const refreshOne = async ({ id }: Check) => {
      const check = await ask("GET", `/v1/checks/${id}`);
      if (!["queued", "running"].includes(check.status)) ended.set(id, check);
    };
    await pMap(open, refreshOne, { concurrency: 4 });
    return open.length;
  };
  const pause = () => new Promise((later) => setTimeout(later, 500));
  while (ended.size < count / 4) {
    await refresh();
    await pause();
  }
  const beforeKill = ended.size;
  await backend.kill();
  console.log(`${beforeKill} of ${count} have ended; the backend is killed.`);
  await backend.restart();
  console.log("The backend is back.");
  while ((await refresh()) > 0) await pause();
  const all = [...ended.values()];
  const completed = all.filter(({ status }) => status === "completed");
  const indexed = completed.map(({ indexed_as }) => indexed_as).filter((id) => typeof id === "string");
  const readiness = (await (await fetch(`${edgeUrl}/readyz`)).json()) as { index: { references: number } };
  console.log(
    `${count} checks: ${completed.length} completed, ${all.length - completed.length} ended otherwise, in ${((Date.now() - begun) / 1000).toFixed(0)} s`,
  );
  console.log(
    `references made: ${new Set(indexed).size} by ${indexed.length} checks, in the index ${readiness.index.references}`,
  );
  const codes = new Set(all.flatMap(({ problem }) => (problem ? [problem.code] : [])));
  if (codes.size > 0) console.log(`problems: ${[...codes].join(", ")}`);
  if (completed.length !== count || readiness.index.references !== indexed.length) process.exitCode = 1;
} finally {
  await services?.stop();
  await rm(folder, { recursive: true, force: true });
}
