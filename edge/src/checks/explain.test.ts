// Checks that are asked to say why: the explanation is in the answer and in the object store, never in a row or
// in the cache.

import { createExecutionContext } from "cloudflare:test";
import { type Check, checkSchema } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
  storedObjects,
  upstream,
} from "../../test/client.ts";
import { API_KEY } from "../../test/settings.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import worker from "../index.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { sweep } from "../worker/sweep.ts";
import { EXPLANATIONS_PREFIX } from "./explanation.ts";

const at = (library: string, rest = "") => `/v1/checks?library=${library}${rest}`;
const bytesOf = (seed: string) => videoBytes(9000, seed);
const addReference = (library: string, id: string, seed = `${library} ${id}`) =>
  ask(`/v1/references?library=${library}&id=${id}`, { bytes: bytesOf(seed) });
/** The answer, held to the contract to the last field. */
async function checkOf(response: Response): Promise<Check> {
  const body = await jsonOf(response);
  const check = checkSchema.parse(body);
  expect(check).toEqual(body);
  return check;
}
const check = async (library: string, rest: string, seed: string) =>
  checkOf(await ask(at(library, rest), { bytes: bytesOf(seed) }));
const read = async (id: string) => checkOf(await ask(`/v1/checks/${id}`));
const keyOf = ({ id, completed_at }: Check) => `${EXPLANATIONS_PREFIX}${id}/${completed_at}`;

type Put = (key: string, value: string) => Promise<unknown>;
/** A check by bytes at a Worker whose object store keeps explanations as `putExplanation` does. */
async function checkWhere(library: string, putExplanation: Put): Promise<Check> {
  const put = (key: string, value: never, ...rest: [never]) =>
    key.startsWith(EXPLANATIONS_PREFIX) ? putExplanation(key, value) : env.OBJECTS.put(key, value, ...rest);
  const OBJECTS = new Proxy(env.OBJECTS, {
    get: (target, name) => (name === "put" ? put : Reflect.get(target, name).bind(target)),
  });
  const request = new Request(`http://edge.test${at(library, "&explain=true")}`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "video/mp4" },
    body: bytesOf(library),
  });
  return checkOf(await worker.fetch(request as never, { ...env, OBJECTS }, createExecutionContext()));
}

describe("an explained check", () => {
  it("answers with its explanation, at once and later, which no row carries", async () => {
    const library = "similar-explained";
    for (const id of ["a", "b"]) await addReference(library, id);
    const asked = await check(library, "&explain=true", "explained");
    expect(asked.explanation?.candidates).toMatchObject([
      { reference_id: "a", rule: "segments_cover_query", matrix: { width: 256 } },
      { reference_id: "b" },
    ]);
    expect(await read(asked.id)).toEqual(asked);
    const row = await env.DB.prepare("SELECT * FROM checks WHERE id = ?").bind(asked.id).first();
    expect(JSON.stringify(row).length).toBeLessThan(4000);
    expect(row?.result).not.toContain("explanation");
    expect(await storedObjects()).toContain(keyOf(asked));
  });

  it("takes the option from a JSON body too, and says why nothing matched", async () => {
    const json = { url: upstream("/known/9000/why.mp4"), library: "why-json", explain: true };
    const asked = await checkOf(await ask("/v1/checks", { json }));
    expect(asked).toMatchObject({
      verdict: "unique",
      explanation: { candidates: [], reason: "Nothing is alike." },
    });
    expect((await read(asked.id)).explanation).toEqual(asked.explanation);
  });

  it("says how much was seen where that decided", async () => {
    const asked = await check("unseen-why", "&explain=true", "unseen why");
    expect(asked).toMatchObject({ verdict: "review", reason: "not_fully_seen" });
    expect(asked.explanation?.reason).toMatch(/^Only 4.0 s of the video's 10.0 s could be seen/);
  });

  it("is completed by the queue with its explanation, when nobody waits", async () => {
    const library = "gated-similar-why";
    const reference = addReference(library, "a");
    await openGate(library);
    await reference;
    const headers = { prefer: "wait=0" };
    const response = await ask(at(library, "&explain=true"), { bytes: bytesOf("queued why"), headers });
    expect(response.status).toBe(202);
    const accepted = await checkOf(response);
    expect(accepted).not.toHaveProperty("explanation");
    const ended = await eventually(async () => {
      const seen = await read(accepted.id);
      return seen.status === "completed" && seen;
    });
    expect(ended.explanation?.candidates).toHaveLength(1);
  });

  it("of known bytes names the rule and asks no backend", async () => {
    const library = "why-bytes";
    await addReference(library, "a", "the same");
    const asked = await check(library, "&explain=true", "the same");
    expect(asked).toMatchObject({ found_by: "exact_bytes", duplicate_for: "a" });
    expect(asked.explanation).toMatchObject({
      looks: [],
      candidates: [{ reference_id: "a", verdict: "duplicate", rule: "same_bytes", matrix: null }],
    });
    expect((await read(asked.id)).explanation).toEqual(asked.explanation);
    expect((await backendSeen(library)).calls).toHaveLength(1);
  });

  it.each([
    ["what is no reference any more", "ghost-why", ""],
    ["the reference that it made itself", "echo-why", "&index=if_unique"],
  ])("does not name %s", async (_what, library, rest) => {
    const { verdict, explanation } = await check(library, `&explain=true${rest}`, library);
    expect(verdict).toBe("unique");
    expect(explanation).toMatchObject({ candidates: [], reason: expect.stringMatching(/no longer in the/) });
  });

  it("gives its verdict also where the object store takes no explanation", async () => {
    const asked = await checkWhere("why-full", () => Promise.reject(new Error("the store is full")));
    expect(asked).toMatchObject({ verdict: "unique", explanation: { reason: "Nothing is alike." } });
    expect((await read(asked.id)).explanation).toBeNull();
  });

  it("that another runner ended first has that one's explanation, as it has its result", async () => {
    const first = { verdict: "review", endedAt: "2020-01-01T00:00:00.000Z", reason: "By the first." };
    const asked = await checkWhere("why-raced", async (key, value) => {
      const [, id] = key.split("/");
      const earlier = JSON.stringify({ ...JSON.parse(value), reason: first.reason });
      await env.OBJECTS.put(`${EXPLANATIONS_PREFIX}${id}/${first.endedAt}`, earlier);
      await env.DB.prepare(
        "UPDATE checks SET status = 'completed', result = ?, completed_at = ? WHERE id = ?",
      )
        .bind(JSON.stringify({ verdict: first.verdict }), first.endedAt, id)
        .run();
      await env.OBJECTS.put(key, value);
    });
    expect(asked).toMatchObject({ verdict: "review", explanation: { reason: first.reason } });
    expect(await read(asked.id)).toEqual(asked);
  });
});

it("a check that does not ask gets none", async () => {
  const library = "similar-unasked";
  await addReference(library, "a");
  for (const rest of ["", "&explain=false"]) {
    const plain = await check(library, rest, `unasked${rest}`);
    expect(plain).not.toHaveProperty("explanation");
    expect(await read(plain.id)).toEqual(plain);
    expect((await storedObjects()).filter((key) => key.includes(`${plain.id}/`))).toEqual([]);
  }
  expect((await backendSeen(library)).calls.map(({ explain }) => explain)).toEqual([false, false, false]);
});

it.each(["yes", "1", "", "constructor"])("explain=%s is refused", async (value) => {
  const response = await ask(at("refused", `&explain=${value}`), { bytes: bytesOf("refused") });
  const problem = await expectProblem(response, 400, "invalid_request");
  expect(problem).toMatchObject({ errors: [{ pointer: "/explain" }] });
});

describe("the cache of verdicts", () => {
  const analyses = async (library: string) =>
    (await backendSeen(library)).calls.filter(({ id }) => id.startsWith("chk_"));
  const cached = async (library: string) =>
    (await env.VERDICTS.list({ prefix: `verdicts/default/${library}/` })).keys;

  it("does not answer who asks why, and holds nothing of an explanation", async () => {
    const library = "similar-why-cached";
    await addReference(library, "a");
    const plain = await check(library, "", "why cached");
    await eventually(async () => (await cached(library)).length === 1);
    const asked = await check(library, "&explain=true", "why cached");
    expect(await analyses(library)).toMatchObject([{ explain: false }, { explain: true }]);
    expect(asked.explanation?.candidates).toHaveLength(1);
    const { verdict, matches, found_by } = plain;
    expect(asked).toMatchObject({ verdict, matches, found_by });
    const [entry] = await cached(library);
    expect(await env.VERDICTS.get(entry!.name)).not.toMatch(/explanation|matrix/);
  });

  it("is filled by an explained check for those who do not ask", async () => {
    const library = "similar-why-first";
    await addReference(library, "a");
    const asked = await check(library, "&explain=true", "why first");
    await eventually(async () => (await cached(library)).length === 1);
    const plain = await check(library, "", "why first");
    expect(await analyses(library)).toHaveLength(1);
    expect(plain).not.toHaveProperty("explanation");
    expect(plain.matches).toEqual(asked.matches);
  });
});

it("an explanation is swept away after a week, not before; its check then says that it is gone", async () => {
  const asked = await check("why-swept", "&explain=true", "swept why");
  const context = requestContextOf(env, { waitUntil: () => {} });
  const day = 24 * 3600_000;
  const sweptAfter = async (days: number) => {
    const now = Date.now;
    Date.now = () => now() + days * day;
    await sweep(context, now()).finally(() => {
      Date.now = now;
    });
    return !(await storedObjects()).includes(keyOf(asked));
  };
  expect(await sweptAfter(6)).toBe(false);
  expect((await read(asked.id)).explanation).not.toBeNull();
  expect(await sweptAfter(8)).toBe(true);
  expect((await read(asked.id)).explanation).toBeNull();
});
