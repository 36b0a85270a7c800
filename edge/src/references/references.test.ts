import { describe, expect, it } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  objectsGone,
  openGate,
  upstream,
} from "../../test/client.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";

const at = (library: string, id?: string) =>
  `/v1/references?library=${library}${id === undefined ? "" : `&id=${id}`}`;
const one = (library: string, id: string) => `/v1/references/${id}?library=${library}`;
const puts = async (library: string) =>
  (await backendSeen(library)).calls.filter((call) => call.method === "PUT");

describe("adding", () => {
  it("201, then 200 and nothing done twice, then 409s", async () => {
    const library = "adding";
    const bytes = videoBytes(9000, "adding");
    const metadata = encodeURIComponent(JSON.stringify({ title: "A" }));
    const first = await ask(`${at(library, "a")}&metadata=${metadata}`, { bytes });
    expect(first.status).toBe(201);
    expect(first.headers.get("location")).toBe(one(library, "a"));
    const added = await jsonOf(first);
    const sha256 = await sha256Of(bytes);
    const facts = { id: "a", library, status: "ready", sha256, duration_s: 10, seen_s: 10, frames: 20 };
    expect(added).toEqual({ ...facts, metadata: { title: "A" }, created_at: added.created_at });

    const again = await ask(`${at(library, "a")}&metadata=%7B%7D`, { bytes });
    expect(again.status).toBe(200);
    expect(await jsonOf(again)).toEqual(added);
    const nameless = await ask(at(library), { bytes });
    expect(nameless.status).toBe(200);
    expect((await jsonOf(nameless)).id).toBe("a");

    const other = await ask(at(library, "a"), { bytes: videoBytes(9000, "other") });
    expect((await expectProblem(other, 409, "reference_id_conflict")).reference_id).toBe("a");
    const renamed = await ask(at(library, "b"), { bytes });
    expect((await expectProblem(renamed, 409, "reference_content_conflict")).reference_id).toBe("a");

    expect(await jsonOf(await ask(one(library, "a")))).toEqual(added);
    expect(await puts(library)).toHaveLength(1);
    await objectsGone();
  });

  it("from an address, into two libraries, under an id made by us", async () => {
    for (const library of ["from-one", "from-two"]) {
      const json = { url: `${upstream("/known/7000/addr.mp4")}?signature=secret`, library };
      const response = await ask("/v1/references", { json });
      expect(response.status).toBe(201);
      expect((await jsonOf(response)).id).toMatch(/^ref_/);
    }
    const { results } = await env.DB.prepare("SELECT source FROM library_references").all();
    expect(JSON.stringify(results)).not.toContain("signature");
  });

  it("the same one twice at once is analysed as one job", async () => {
    const library = "gated-twice";
    const bytes = videoBytes(9000, "twice");
    const both = [ask(at(library, "a"), { bytes }), ask(at(library, "a"), { bytes })];
    await eventually(async () => (await puts(library)).length === 2);
    await openGate(library);
    const statuses = (await Promise.all(both)).map((response) => response.status);
    expect(statuses.sort()).toEqual([200, 201]);
    const ids = (await puts(library)).map((call) => call.id);
    expect(ids[0]).toBe(ids[1]);
  });

  it.each([
    ["broken-add", 422, "unreadable_video"],
    ["busy-add", 503, "overloaded"],
    ["resets-add", 503, "backend_unavailable"],
  ])("in %s the claim does not outlive the failure", async (library, status, code) => {
    const bytes = videoBytes(9000, library);
    for (const id of ["a", "b"]) {
      const response = await ask(at(library, id), { bytes });
      if (status === 503) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      await expectProblem(response, status, code);
      await expectProblem(await ask(one(library, id)), 404, "reference_not_found");
    }
    await objectsGone();
  });

  it("with wait=0: 202, indexing, in no verdict, then ready", async () => {
    const library = "gated-later";
    const bytes = videoBytes(9000, "later");
    const headers = { prefer: "wait=0" };
    const response = await ask(at(library, "a"), { bytes, headers });
    expect(response.status).toBe(202);
    expect(response.headers.get("preference-applied")).toBe("wait=0");
    expect((await jsonOf(response)).status).toBe("indexing");
    const location = response.headers.get("location")!;
    expect((await jsonOf(await ask(location))).status).toBe("indexing");
    await eventually(async () => (await puts(library)).length > 0);
    await openGate(library);
    await eventually(async () => (await jsonOf(await ask(location))).status === "ready");
    expect((await jsonOf(await ask(`/v1/checks?library=${library}`, { bytes }))).duplicate_for).toBe("a");
    await objectsGone();
  });

  it("says why a promised one never came", async () => {
    const library = "broken-later";
    const headers = { prefer: "wait=0" };
    expect((await ask(at(library, "a"), { bytes: videoBytes(900, "l"), headers })).status).toBe(202);
    const gone = await eventually(async () => {
      const response = await ask(one(library, "a"));
      return response.status === 404 && response;
    });
    const problem = await expectProblem(gone, 404, "reference_not_found");
    expect(problem.detail).toContain("unreadable_video");
  });
});

describe("deleting", () => {
  it("is out of verdicts at once, and frees id and content", async () => {
    const library = "deleting";
    const bytes = videoBytes(9000, "deleting");
    await ask(at(library, "a"), { bytes });
    expect((await ask(one(library, "a"), { method: "DELETE" })).status).toBe(204);
    await expectProblem(await ask(one(library, "a")), 404, "reference_not_found");
    await expectProblem(await ask(one(library, "a"), { method: "DELETE" }), 404, "reference_not_found");
    expect((await jsonOf(await ask(`/v1/checks?library=${library}`, { bytes }))).verdict).toBe("unique");
    expect((await backendSeen(library)).references).toEqual([]);
    expect((await ask(at(library, "b"), { bytes })).status).toBe(201);
  });

  it("while the backend cannot: 204, and a new one under the same id is not taken away later", async () => {
    const library = "similar-undeletable";
    await ask(at(library, "a"), { bytes: videoBytes(9000, "old") });
    expect((await ask(one(library, "a"), { method: "DELETE" })).status).toBe(204);
    // The backend still finds it, and nobody hears of it.
    const verdict = await jsonOf(
      await ask(`/v1/checks?library=${library}`, { bytes: videoBytes(9000, "q") }),
    );
    expect(verdict).toMatchObject({ verdict: "unique", matches: [], found_by: null, duplicate_for: "" });

    const fresh = videoBytes(9000, "new");
    expect((await ask(at(library, "a"), { bytes: fresh })).status).toBe(201);
    await openGate(library);
    const deletions = await eventually(async () => {
      const { results } = await env.DB.prepare("SELECT * FROM deleted_references").all();
      const calls = (await backendSeen(library)).calls.filter((call) => call.method === "DELETE");
      return results.length === 0 && calls;
    });
    const jobs = (await puts(library)).filter((call) => call.id.startsWith("job_"));
    expect(new Set(deletions.map((call) => call.jobId))).toEqual(new Set([jobs[0]!.id]));
    expect((await backendSeen(library)).references).toEqual(["a"]);
    expect((await ask(one(library, "a"))).status).toBe(200);
  });
});
