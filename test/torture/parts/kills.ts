import { setTimeout as sleep } from "node:timers/promises";
import type { CaseResult, Part } from "../part.ts";
import { eventually, type RunningServices, runServices } from "../services/running-services.ts";
import { type TinyClip, tinyClips } from "../services/tiny-clips.ts";
import { Oracle } from "./kills/oracle.ts";

const REFERENCES = 6;
/** Beside them: one that a check lets join, and one whose copy is checked at the same time. */
const CLIPS = REFERENCES + 2;
const MAX_KILL_MS = 1500;
const SETTLED_WITHIN_MS = 45_000;

type Random = () => number;
const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!;

/** What became of it; noted when it is acknowledged. */
async function add({ api }: RunningServices, oracle: Oracle, i: number, clip: TinyClip, wait: number) {
  const id = `r${i}`;
  oracle.references.set(id, { clip, state: "unknown" });
  const path = `/v1/references?library=${oracle.library}&id=${id}`;
  const answer = await api("POST", path, { bytes: clip.original, wait });
  if (![200, 201, 202].includes(answer?.status ?? 0)) return "cut";
  oracle.acknowledged++;
  oracle.references.set(id, { clip, state: "ready" });
  return answer!.status === 202 ? "accepted" : "ready";
}

/** What was cut off is asked for again, as a client would; null when that is refused. */
async function addAgain(services: RunningServices, oracle: Oracle, clips: TinyClip[], cut: number[]) {
  for (const i of cut) {
    await add(services, oracle, i, clips[i]!, 60);
    if (oracle.references.get(`r${i}`)!.state === "unknown") return `r${i} could not be added again`;
  }
  return null;
}

/** Writes of all kinds, side by side, each noted when it is acknowledged; the references that were not. */
async function load(
  services: RunningServices,
  oracle: Oracle,
  clips: TinyClip[],
  random: Random,
): Promise<number[]> {
  const { api } = services;
  const { library, references, checks } = oracle;
  const change = async (i: number, how: "disable" | "delete") => {
    const known = references.get(`r${i}`)!;
    const path = `/v1/references/r${i}`;
    const query = `?library=${library}`;
    known.state = "unknown";
    const answer = await (how === "delete"
      ? api("DELETE", path + query)
      : api("POST", `${path}/disable${query}`));
    if (answer?.status === 204) known.state = "deleted";
    if (answer?.status === 200) known.state = "disabled";
  };
  const check = async (clip: TinyClip, bytes: TinyClip["original"], wait: number) => {
    const path = `/v1/checks?library=${library}&index=if_unique`;
    const answer = await api("POST", path, { bytes, wait });
    if (answer?.status === 200 || answer?.status === 202) checks.push({ id: answer.body.id, clip });
  };
  const waits = Array.from({ length: REFERENCES }, () => (random() < 0.5 ? 0 : 60));
  const [disabled, deleted] = [Math.floor(random() * REFERENCES), Math.floor(random() * REFERENCES)];
  const [joins, twice] = [clips[REFERENCES]!, clips[REFERENCES + 1]!];
  const cut: number[] = [];
  await Promise.all([
    ...waits.map(async (wait, i) => {
      const outcome = await add(services, oracle, i, clips[i]!, wait);
      if (outcome === "cut") cut.push(i);
      if (outcome !== "ready") return;
      if (i === deleted) await change(i, "delete");
      else if (i === disabled) await change(i, "disable");
    }),
    check(joins, joins.original, pick(random, [0, 60])),
    check(twice, twice.original, pick(random, [0, 60])),
    check(twice, twice.copy, pick(random, [0, 60])),
  ]);
  return cut;
}

/** Killed in the middle, and back again. */
async function killOne(services: RunningServices, which: "edge" | "backend" | "qdrant"): Promise<void> {
  if (which === "qdrant") {
    await services.qdrant!.kill();
    return services.qdrant!.start();
  }
  await services[which].kill();
  await services[which].restart();
}

/** Ends of accepted checks; null when one does not end, or ends badly. */
async function wrongChecks({ api }: RunningServices, { checks, references }: Oracle, signal: AbortSignal) {
  const unique = new Map<TinyClip, string>();
  for (const { id, clip } of checks) {
    const ended = await eventually(
      async () => {
        const answer = await api("GET", `/v1/checks/${id}`);
        return answer?.status === 200 && !["queued", "running"].includes(answer.body.status)
          ? answer.body
          : null;
      },
      SETTLED_WITHIN_MS,
      signal,
    );
    if (ended === null) return `the accepted check ${id} does not end`;
    if (ended.status !== "completed")
      return `the accepted check ${id} ${ended.status}: ${ended.problem?.detail}`;
    if (ended.verdict !== "unique") continue;
    if (unique.has(clip)) return `both ${unique.get(clip)} and ${id}, copies of one another, are unique`;
    unique.set(clip, id);
    if (typeof ended.indexed_as !== "string") return `the unique check ${id} did not join the library`;
    references.set(ended.indexed_as, { clip, state: "ready" });
  }
  return null;
}

export const part: Part = {
  name: "kills",
  about:
    "edge, backend or Qdrant is killed under load; failed: an acknowledged write is lost or doubled, or a copy is unique",
  cases: 200,
  slice: 1,
  async open(context) {
    const services = await runServices(context);
    const targets =
      services.qdrant === null ? (["edge", "backend"] as const) : (["edge", "backend", "qdrant"] as const);
    let kills = 0;
    let acknowledged = 0;
    /** Of the cases before: nothing that was acknowledged then is lost later. */
    const earlier: Oracle[] = [];
    /** By library. */
    const inIndex = new Map<string, number>();
    /** Then nobody knows how many there should be. */
    let failedBefore = false;
    return {
      async run(index, random, signal): Promise<CaseResult> {
        const oracle = new Oracle(`kills-${index}`);
        const clips = await tinyClips(context.folder, context.seed, `kills-${index}`, CLIPS);
        const which = pick(random, targets);
        const killAtMs = random() * MAX_KILL_MS;
        const wrong = (detail: string): CaseResult => {
          failedBefore = true;
          return { kind: which, held: false, detail };
        };
        const loading = load(services, oracle, clips, random);
        await sleep(killAtMs);
        await killOne(services, which);
        kills++;
        const cut = await loading;
        await services.sweep();
        const refused = await addAgain(services, oracle, clips, cut);
        if (refused !== null) return wrong(refused);

        let failure: string | null = null;
        const isAsAcknowledged = async () => {
          failure = await oracle.wrongReferences(services);
          return failure === null;
        };
        await eventually(isAsAcknowledged, SETTLED_WITHIN_MS, signal);
        if (failure !== null) return wrong(failure);
        const badCheck = await wrongChecks(services, oracle, signal);
        if (badCheck !== null) return wrong(badCheck);
        acknowledged += oracle.acknowledged;

        const ids = [...oracle.references.keys()].sort(() => random() - 0.5).slice(0, 4);
        const badVerdict = await oracle.wrongVerdicts(services, ids);
        if (badVerdict !== null) return wrong(badVerdict);
        const listed = await eventually(() => oracle.listed(services), SETTLED_WITHIN_MS, signal);
        if (listed === null) return wrong("a reference stays indexing");
        if (listed.wrong !== null) return wrong(listed.wrong);
        const before = earlier.length === 0 ? null : pick(random, earlier);
        const lost = await before?.wrongReferences(services);
        if (lost) return wrong(`of an earlier case: ${lost}`);
        inIndex.set(oracle.library, listed.count);
        const sum = [...inIndex.values()].reduce((one, other) => one + other, 0);
        const indexed = async () => (await services.api("GET", "/readyz"))?.body?.index?.references as number;
        const agrees = await eventually(async () => (await indexed()) === sum, SETTLED_WITHIN_MS, signal);
        if (agrees === null && !failedBefore)
          return wrong(`the index has ${await indexed()} references, D1 ${sum}`);
        earlier.push(oracle);
        return { kind: which, held: true };
      },
      figures: async () => ({ kills, "acknowledged references": acknowledged }),
      close: services.close,
    };
  },
};
