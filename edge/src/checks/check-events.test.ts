import { checkSchema, STAGES } from "@twinframe/shared/contract";
import { expect, it } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
  tellProgress,
  upstream,
} from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { eventStream } from "../platform/http/event-stream.ts";
import { percentOf } from "./progress.ts";

interface Heard {
  id: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every kind
  data: any;
}

/** Reads a stream event by event; comments and retry lines are kept apart. */
function listen(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const asides: string[] = [];
  let text = "";
  const next = async (): Promise<Heard | null> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
        if (fields.event === undefined) asides.push(block);
        else return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
        continue;
      }
      const { value, done } = await reader.read();
      if (done) return null;
      text += value;
    }
  };
  const rest = async () => {
    const all: Heard[] = [];
    for (let heard = await next(); heard !== null; heard = await next()) all.push(heard);
    return all;
  };
  return { next, rest, asides, leave: () => reader.cancel() };
}

const events = async (id: string, lastEventId?: string) =>
  ask(`/v1/checks/${id}/events`, {
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
async function begin(library: string, index = "never"): Promise<string> {
  const headers = { prefer: "wait=0" };
  const bytes = videoBytes(900, library);
  const { id } = await jsonOf(await ask(`/v1/checks?library=${library}&index=${index}`, { bytes, headers }));
  await eventually(async () => (await backendSeen(library)).calls.length > 0);
  return id;
}
const heardBy = (library: string) =>
  eventually(async () => (await backendSeen(library)).calls.some((call) => call.method === "GET"));

it("tells stages and percent while it runs, then the verdict, and ends", async () => {
  const library = "gated-events";
  const id = await begin(library);
  const response = await events(id);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const stream = listen(response);
  expect(await stream.next()).toEqual({ id: "0", event: "progress", data: { stage: "queued", percent: 0 } });
  expect(stream.asides).toEqual(["retry: 1000"]);
  expect((await stream.next())?.data).toEqual({ stage: "probe", percent: 7 });
  await tellProgress(library, "decode", 0.5);
  expect(await stream.next()).toEqual({
    id: "35",
    event: "progress",
    data: { stage: "decode", percent: 35 },
  });
  // What lies behind is not told again, by this stream or by one that has heard so much.
  await tellProgress(library, "probe", 1);
  const again = listen(await events(id, "35"));
  await tellProgress(library, "embed", 0);
  for (const one of [stream, again]) expect((await one.next())?.id).toBe("60");

  await openGate(library);
  for (const one of [stream, again]) {
    const [end, ...more] = await one.rest();
    expect(more).toEqual([]);
    expect(end).toMatchObject({ id: "100", event: "completed" });
    expect(checkSchema.parse(end?.data)).toEqual(await jsonOf(await ask(`/v1/checks/${id}`)));
    expect(end?.data.verdict).toBe("unique");
  }
});

it("a hundred who listen to one check cost one look at it and one ear at the backend; one more is refused", async () => {
  const library = "gated-events-shared";
  const id = await begin(library);
  const streams = await Promise.all(Array.from({ length: 100 }, async () => listen(await events(id))));
  const refused = await events(id);
  expect(refused.headers.get("retry-after")).toBe("10");
  const problem = await expectProblem(refused, 429, "too_much_at_once");
  expect(problem.detail).toContain("100 event streams of this check");
  await heardBy(library);
  await tellProgress(library, "decode", 0.5);
  const heard = await Promise.all(
    streams.map(async (stream) => {
      for (;;) {
        const event = await stream.next();
        if (event === null || event.id === "35") return event?.data;
      }
    }),
  );
  expect(heard).toEqual(Array(100).fill({ stage: "decode", percent: 35 }));
  await openGate(library);
  const ends = await Promise.all(streams.map(async (stream) => (await stream.rest()).at(-1)?.event));
  expect(ends).toEqual(Array(100).fill("completed"));
  expect((await backendSeen(library)).calls.filter(({ method }) => method === "GET")).toHaveLength(1);
});

it("of a tenant, only so many streams are open; one that ends makes room", async () => {
  const library = "gated-events-crowd";
  const id = await begin(library);
  const place = (n: number) => ({ kind: "event_stream" as const, id: `s${n}`, most: 200, untilMs: 4e12 });
  const quota = env.QUOTAS.get(env.QUOTAS.idFromName("default"));
  for (let n = 0; n < 199; n++) await quota.enter(place(n));
  const stream = listen(await events(id));
  await stream.next();
  await expectProblem(await events(id), 429, "too_much_at_once");
  await openGate(library);
  await stream.rest();
  expect(await eventually(() => quota.enter(place(199)))).toBe(true);
  for (let n = 0; n < 200; n++) await quota.leave("event_stream", `s${n}`);
});

it.each([undefined, "35", "nonsense", "99999999999999999999", "-1"])(
  "of a finished check gives the end at once, also to one who had heard %s",
  async (lastEventId) => {
    const { id } = await jsonOf(await ask("/v1/checks?library=ended", { bytes: videoBytes(900, "ended") }));
    const heard = await listen(await events(id, lastEventId)).rest();
    expect(heard).toMatchObject([{ id: "100", event: "completed", data: { id, status: "completed" } }]);
    expect((await events(id, "100")).status).toBe(204);
  },
);

it("tells a failure, and a cancellation", async () => {
  await openGate("gated-broken-events");
  const failing = await begin("gated-broken-events");
  const failure = (await listen(await events(failing)).rest()).at(-1);
  expect(failure).toMatchObject({ event: "failed", data: { problem: { code: "unreadable_video" } } });

  const id = await begin("gated-cancel-events");
  const stream = listen(await events(id));
  await stream.next();
  await ask(`/v1/checks/${id}/cancel`, { method: "POST" });
  expect((await stream.rest()).at(-1)).toMatchObject({ event: "cancelled", data: { status: "cancelled" } });
});

it("of a check whose video still comes waits, and asks nothing of the backend", async () => {
  const library = "events-queued";
  const json = { url: upstream("/hang-body"), library };
  const { id } = await jsonOf(await ask("/v1/checks", { json, headers: { prefer: "wait=0" } }));
  const stream = listen(await events(id));
  expect((await stream.next())?.data).toEqual({ stage: "queued", percent: 0 });
  expect((await stream.rest()).at(-1)).toMatchObject({
    event: "failed",
    data: { problem: { code: "source_timeout" } },
  });
  expect((await backendSeen(library)).calls).toEqual([]);
});

it("never starts an analysis", async () => {
  const library = "gated-events-passive";
  const id = await begin(library);
  const stream = listen(await events(id));
  await heardBy(library);
  const starts = (await backendSeen(library)).calls.filter((call) => call.method === "PUT").length;
  await stream.leave();
  expect(starts).toBe(1);
  await openGate(library);
});

it("a stream's heart beats until its life is over", async () => {
  const silent = (_: unknown, signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  const text = await eventStream(silent, { heartbeatMs: 2, lifeMs: 100 }).text();
  expect(text).toMatch(/^retry: 1000\n\n(: still here\n\n)+$/);
});

it("a listener that leaves is noticed at once, not at the next heartbeat", async () => {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const untilLeft = (_: unknown, signal: AbortSignal) => {
    signal.addEventListener("abort", () => resolve());
    return left;
  };
  await eventStream(untilLeft).body!.cancel();
  await left;
});

it("percents grow from stage to stage", () => {
  const all = STAGES.flatMap((stage) => [0, 0.5, 1].map((fraction) => percentOf(stage, fraction)));
  expect(all).toEqual(all.toSorted((a, b) => a - b));
  const begins = STAGES.map((stage) => percentOf(stage, 0));
  const ends = STAGES.map((stage) => percentOf(stage, 1));
  for (const [i, end] of ends.slice(0, -1).entries()) expect(end).toBeLessThan(begins[i + 1]!);
  expect(ends.at(-1)).toBe(99);
});

it.each([
  ["of its library, when it may index", "if_unique", "default/gated-together"],
  ["of its id alone, when it only asks", "never", null],
])("whatever is asked about an analysis goes to the backend %s", async (_of, index, affinity) => {
  const library = index === "never" ? "gated-apart" : "gated-together";
  const id = await begin(library, index);
  const stream = listen(await events(id));
  await heardBy(library);
  await ask(`/v1/checks/${id}/cancel`, { method: "POST" });
  // Calls about references name no backend.
  const seen = async () => (await backendSeen(library)).calls.filter((call) => call.affinity !== undefined);
  await eventually(async () => (await seen()).some(({ method }) => method === "DELETE"));
  const asked = new Map((await seen()).map((call) => [call.method, call.affinity]));
  expect(asked).toEqual(
    new Map([
      ["PUT", affinity],
      ["GET", affinity],
      ["DELETE", affinity],
    ]),
  );
  await stream.leave();
});
