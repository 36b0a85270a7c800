import type { CaseResult, Part } from "../part.ts";
import { type RunningServices, runServices } from "../services/running-services.ts";
import { type TinyClip, tinyClips } from "../services/tiny-clips.ts";

const CLIENTS = 6;
const CLIPS = 4;
const WAIT_S = 60;

interface Race {
  services: RunningServices;
  library: string;
  clips: TinyClip[];
  random: () => number;
}

const checkPath = (library: string, more = "") => `/v1/checks?library=${library}${more}`;
const check = ({ services, library }: Race, bytes: TinyClip["copy"], more = "") =>
  services.api("POST", checkPath(library, more), { bytes, wait: WAIT_S });
const add = ({ services, library }: Race, id: string, bytes: TinyClip["copy"]) =>
  services.api("POST", `/v1/references?library=${library}&id=${id}`, { bytes, wait: WAIT_S });
const names = (answer: Awaited<ReturnType<typeof check>>, id: string): boolean =>
  answer?.body?.matches?.some((match: { reference_id: string }) => match.reference_id === id) ?? false;
const statuses = (answers: Awaited<ReturnType<typeof check>>[]) =>
  answers.map((answer) => `${answer?.status}`).join(", ");
const together = <T>(count: number, begin: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => begin(i)));

async function listed({ services, library }: Race): Promise<{ id: string; sha256: string }[]> {
  return (await services.api("GET", `/v1/references?library=${library}&limit=100`))?.body?.data ?? [];
}

/** The same video, as it is and encoded anew, from many clients at once: one joins, the others are its copies. */
async function joining(race: Race): Promise<string | null> {
  const [clip] = race.clips as [TinyClip];
  const answers = await together(CLIENTS, (i) =>
    check(race, i % 2 === 0 ? clip.original : clip.copy, "&index=if_unique"),
  );
  if (answers.some((answer) => answer?.status !== 200)) return `answers ${statuses(answers)}`;
  const unique = answers.filter((answer) => answer!.body.verdict === "unique");
  if (unique.length !== 1) return `${unique.length} of ${CLIENTS} are unique`;
  const [row, ...more] = await listed(race);
  if (row === undefined || more.length > 0) return `${more.length + 1} references joined`;
  const strays = answers.filter((answer) => answer !== unique[0] && !names(answer, row.id));
  return strays.length === 0 ? null : `${strays.length} of the others do not name ${row.id}`;
}

/** What is acknowledged as gone, or out of verdicts, is named by no check that begins after it. */
async function leaving(race: Race, how: "delete" | "disable"): Promise<string | null> {
  const { services, library, clips, random } = race;
  const [clip] = clips as [TinyClip];
  if ((await add(race, "leaves", clip.original))?.status !== 201) return "the reference was not added";
  const before = together(CLIENTS, async (i) => {
    await new Promise((later) => setTimeout(later, random() * 300));
    return check(race, i % 2 === 0 ? clip.original : clip.copy);
  });
  await new Promise((later) => setTimeout(later, random() * 300));
  const path = `/v1/references/leaves`;
  const query = `?library=${library}`;
  const left = await (how === "delete"
    ? services.api("DELETE", path + query)
    : services.api("POST", `${path}/disable${query}`));
  if (left?.status !== 200 && left?.status !== 204) return `${how} answered ${left?.status}`;
  const after = await together(2, (i) => check(race, i === 0 ? clip.original : clip.copy));
  for (const answer of after) {
    if (answer?.status !== 200) return `a check after it answered ${answer?.status}`;
    if (answer.body.verdict !== "unique") return `a check after ${how} got ${answer.body.verdict}`;
  }
  const during = await before;
  if (during.some((answer) => answer?.status !== 200)) return `checks during it answered ${statuses(during)}`;
  // Nor does a verdict that was remembered meanwhile bring it back.
  if (names(await check(race, clip.copy), "leaves")) return `a check long after ${how} names it`;
  if (how === "delete") return null;
  await services.api("POST", `${path}/enable${query}`);
  return names(await check(race, clip.copy), "leaves") ? null : "once enabled, it is not found";
}

/** The same id for different videos at once: one has it, the others are told so, and are not in the library. */
async function sameId(race: Race): Promise<string | null> {
  const { services, library, clips } = race;
  const answers = await together(clips.length, (i) => add(race, "wanted", clips[i]!.original));
  const winners = answers.flatMap((answer, i) => (answer?.status === 201 ? [i] : []));
  const losers = answers.filter((answer) => answer?.status === 409);
  if (winners.length !== 1 || losers.length !== clips.length - 1) return `answers ${statuses(answers)}`;
  const row = await services.api("GET", `/v1/references/wanted?library=${library}`);
  if (row?.body?.sha256 !== answers[winners[0]!]!.body.sha256) return "the reference is another one's video";
  for (const [i, clip] of clips.entries()) {
    const isNamed = names(await check(race, clip.copy), "wanted");
    if (isNamed !== (i === winners[0])) return `a copy of video ${i} is ${isNamed ? "" : "not "}found`;
  }
  return null;
}

/** The same request with one Idempotency-Key at once: done once, and all who hear an answer hear the same. */
async function sameKey(race: Race): Promise<string | null> {
  const { services, library, clips } = race;
  const [clip] = clips as [TinyClip];
  const headers = { "idempotency-key": `race-${library}` };
  const send = () =>
    services.api("POST", `/v1/references?library=${library}`, {
      bytes: clip.original,
      wait: WAIT_S,
      headers,
    });
  const answers = await together(CLIENTS, send);
  const told = answers.filter((answer) => answer?.status === 201);
  const others = answers.filter((answer) => answer?.status !== 201 && answer?.status !== 409);
  if (told.length === 0 || others.length > 0) return `answers ${statuses(answers)}`;
  const ids = new Set(told.map((answer) => answer!.body.id));
  if (ids.size !== 1 || (await listed(race)).length !== 1) return "the request was done more than once";
  return (await send())?.body?.id === [...ids][0] ? null : "asked again, it has another answer";
}

/** A reference and a check of the same video at once: one reference, whoever made it. */
async function addAndCheck(race: Race): Promise<string | null> {
  const [clip] = race.clips as [TinyClip];
  const [added, checked] = await Promise.all([
    add(race, "added", clip.original),
    check(race, clip.original, "&index=if_unique"),
  ]);
  if (checked?.status !== 200 || ![200, 201, 409, 503].includes(added?.status ?? 0))
    return `answers ${statuses([added, checked])}`;
  const rows = await listed(race);
  if (rows.length !== 1) return `${rows.length} references of one video`;
  return names(await check(race, clip.copy), rows[0]!.id) ? null : "its copy is not found";
}

const RACES: Record<string, (race: Race) => Promise<string | null>> = {
  joining,
  delete: (race) => leaving(race, "delete"),
  disable: (race) => leaving(race, "disable"),
  "same id": sameId,
  "same key": sameKey,
  "add and check": addAndCheck,
};

export const part: Part = {
  name: "races",
  about:
    "the same video, id or key at once, deleting and disabling during checks; failed: two joined, or one came back",
  cases: 120,
  slice: 2,
  async open(context) {
    const services = await runServices(context);
    return {
      async run(index, random): Promise<CaseResult> {
        const [kind, race] = Object.entries(RACES)[index % Object.keys(RACES).length]!;
        const name = `races-${index}`;
        const clips = await tinyClips(context.folder, context.seed, name, CLIPS);
        const wrong = await race({ services, library: name, clips, random });
        return wrong === null ? { kind, held: true } : { kind, held: false, detail: wrong };
      },
      close: services.close,
    };
  },
};
