// What both services say of themselves, and whom the backend listens to.

import { analysisPath, backendReadinessSchema, backendReferencePath } from "@twinframe/shared/contract";
import { signRequest } from "@twinframe/shared/signing";
import { describe, expect, test } from "vitest";
import { apiOf, expectProblem } from "./api.ts";
import { seeded } from "./clips.ts";
import { api, shared } from "./running.ts";
import { signingSecret } from "./stored-state.ts";
import { until } from "./until.ts";

const services = [
  ["edge", shared.edgeUrl],
  ["backend", shared.backendUrl],
] as const;

describe.each(services)("the %s", (_, url) => {
  const { ask } = apiOf(url, "");

  test("is live, to anybody", async () => {
    expect(await ask("GET", "/livez", { key: null })).toMatchObject({ status: 200, body: { live: true } });
  });

  test("is ready and says by what", async () => {
    const { status, body } = await ask("GET", "/readyz", { key: null });
    expect(status).toBe(200);
    expect(backendReadinessSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      ready: true,
      reasons: [],
      execution_provider: "cpu",
      index: { kind: "embedded" },
      model: { id: expect.stringMatching(/./), version: expect.stringMatching(/./) },
    });
  });

  test("tells the index's size as it grows and shrinks", async () => {
    const size = async () => (await ask("GET", "/readyz", { key: null })).body.index;
    const before = await size();
    await api.addReference(await seeded(3), { id: "counted", library: "health" });
    // Remembered for a second, by both.
    const sizeOf = (references: number) =>
      until(`an index of ${references} references`, async () => {
        const now = await size();
        return now.references === references ? now : undefined;
      });
    const after = await sizeOf(before.references + 1);
    expect(after.frames).toBeGreaterThan(before.frames);
    expect(after.bytes).toBeGreaterThan(before.bytes);
    expect((await api.ask("DELETE", "/v1/references/counted?library=health")).status).toBe(204);
    expect(await sizeOf(before.references)).toMatchObject({ frames: before.frames });
  });
});

describe("the backend's internal routes", () => {
  const secret = signingSecret(shared.stateDir);
  // Of another installation: signed, it is answered so.
  const reference = `${backendReferencePath("default", "health", "nobody")}?installation=${"0".repeat(32)}`;
  const analysis = analysisPath("chk_forged");
  const requests = [
    { method: "PUT", path: analysis, body: "{}" },
    { method: "DELETE", path: analysis, body: "" },
    { method: "DELETE", path: reference, body: "" },
  ];
  type Sent = (typeof requests)[number];
  const send = ({ method, path, body }: Sent, headers: Record<string, string>) =>
    apiOf(shared.backendUrl, "").ask(method, path, {
      headers,
      ...(body === "" ? {} : { bytes: body, type: "application/json" }),
    });
  const forgeries: Record<string, (request: Sent) => Promise<Record<string, string>>> = {
    unsigned: async () => ({}),
    "signed with another secret": (request) => signRequest("another secret of 16 signs", request),
    "signed too long ago": (request) => signRequest(secret, request, Date.now() - 6 * 60_000),
    "signed for later": (request) => signRequest(secret, request, Date.now() + 6 * 60_000),
    "signed for another path": (request) => signRequest(secret, { ...request, path: `${request.path}x` }),
    "signed for another method": (request) => signRequest(secret, { ...request, method: "POST" }),
    "signed for another body": (request) => signRequest(secret, { ...request, body: `${request.body} ` }),
  };

  test.each(Object.entries(forgeries))("refuse what is %s", async (_, sign) => {
    for (const request of requests) {
      const { status, headers, body } = await send(request, await sign(request));
      expect({ status, code: body.code }).toEqual({ status: 401, code: "bad_signature" });
      expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
    }
  });

  test("answer what is signed as it must be", async () => {
    const signed = async (request: Sent) => send(request, await signRequest(secret, request));
    const [put, stop, forget] = await Promise.all(requests.map(signed));
    expect(put).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(stop).toMatchObject({ status: 404, body: { code: "analysis_not_found" } });
    expect(forget).toMatchObject({ status: 503, body: { code: "index_unavailable" } });
  });
});

test("the edge's objects are not given out without a signed link", async () => {
  const paths = [
    "/internal/objects/intake/chk_x",
    "/internal/objects/intake/chk_x?expires=9999999999&signature=00",
  ];
  for (const path of paths) expectProblem(await api.ask("GET", path), "bad_signature", /new one/);
});
