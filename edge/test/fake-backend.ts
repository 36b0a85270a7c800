// A backend that speaks the contract over real HTTP without looking at any video. What it does is told by the
// words of the library's name, joined with "-":
//   similar  every reference of the library matches        partial   … as a partial copy
//   gated    answers once the library's gate is opened     busy      503 overloaded
//   crowded  the first call gets a 429
//   broken   the video cannot be read (422)                resets    the connection breaks
//   cut      the first stream ends without a result        flaky     the first two calls get a 503
//   review   … as one to look at
//   ghost    finds a reference that does not exist         echo      finds what this very job indexed
//   spoils   as broken, once the gate is open              scored    evidence with the score of the library's last word
//   dies     takes all that runs with it, and closes       hiccups   the first connection breaks, the work goes on
//            the library's gate
// Under /~NAME/ there is another backend, with an index of its own.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type AnalysisRequest,
  analysisRequestSchema,
  type Evidence,
  type Explanation,
  type FoundMatch,
  MATRIX_MAX_BYTES,
  type QuestionRequest,
} from "@twinframe/shared/contract";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { sha256Hex, verifyRequest } from "@twinframe/shared/signing";
import { answerMaintenance, FakeIndex } from "./fake-maintenance.ts";
import { answerQuestion, type FakeState, fakeSlice } from "./fake-questions.ts";

interface Entry {
  sha256: string;
  jobId: string;
}

interface Running {
  library: string;
  latest: object;
  stopped: boolean;
  /** Although its connection broke. */
  goesOn?: boolean;
  /** Somebody came to listen to it. */
  isHeard?: boolean;
  listeners: Set<ServerResponse>;
  tell: (event: object) => void;
}

export interface Call {
  method: string;
  id: string;
  library: string;
  jobId: string | null;
  explain: boolean;
  /** As the request says. */
  crashes?: number;
  /** What a load balancer would go by. */
  affinity?: string | null;
  /** Of a question. */
  asked?: QuestionRequest;
  /** As the request brought it. */
  policy?: AnalysisRequest["policy"];
  /** What it expects of the index. */
  index?: AnalysisRequest["index"];
  /** What joins its log and its spans to ours. */
  traceparent?: string;
  requestId?: string;
}

const whole = { start_s: 0, end_s: 10 };
const segment = { query: whole, reference: whole, score: 0.9, speed: 1, mirrored: false };
const matchOf = (id: string, verdict: FoundMatch["verdict"]): FoundMatch => ({
  reference_id: id,
  verdict,
  score: 0.9,
  visual: { query_coverage: 0.95, reference_coverage: 0.5, segments: [segment] },
});

const evidenceOf = (matches: FoundMatch[], score: number): Evidence => ({
  query_duration_s: 10,
  candidates: matches.map(({ reference_id }) => ({
    reference_id,
    duration_s: 10,
    segments: [{ ...segment, score }],
  })),
});

/** Of every match, with a picture as large as they come. */
const explanationOf = (matches: FoundMatch[], { policy }: AnalysisRequest): Explanation => ({
  looks: [{ view: "whole", frames: 20, references: matches.length }],
  box: { left: 0, top: 0, right: 1, bottom: 1 },
  model: { id: "fake", version: "1", frame_similarity_floor: 0.5 },
  policy: policy?.visual ?? { copy_score: 0.65 },
  candidates: matches.map(({ reference_id, verdict, score, visual }) => ({
    reference_id,
    verdict,
    rule: "segments_cover_query",
    reason: "It says so.",
    best_score: score,
    segments: visual.segments.map((found) => ({ ...found, view: "whole", evidence: { similarity: 0.9 } })),
    matrix: {
      png_base64: Buffer.alloc(MATRIX_MAX_BYTES, 7).toString("base64"),
      width: 256,
      height: 256,
      query_s: 10,
      reference_s: 10,
      view: "whole",
    },
  })),
  ...(matches.length === 0 ? { reason: "Nothing is alike." } : {}),
});

interface Options {
  readsObjects?: boolean;
}
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;

function createBackend(secret: string, options: Options): Handler {
  const index = new FakeIndex();
  const nonces = new Set<string>();
  let breaks = 0;
  let skips = 0;
  const libraries = new Map<string, Map<string, Entry>>();
  const calls: Call[] = [];
  const open = new Set<string>();
  /** By analysis: what is under way, and who else listens. */
  const running = new Map<string, Running>();
  const entries = (library: string) => {
    if (!libraries.has(library)) libraries.set(library, new Map());
    return libraries.get(library)!;
  };

  const state: FakeState = {
    references: (library) => [...entries(library).keys()].filter((id) => !index.isOut(library, id)),
    isOpen: (library) => open.has(library),
    note: (id, library, asked) =>
      calls.push({ method: "ASK", id, library, jobId: null, explain: false, asked }),
  };

  function descriptors(library: string, id: string, query: URLSearchParams, response: ServerResponse) {
    if (!entries(library).has(id))
      return problem(response, new ProblemError("reference_not_found", "Absent."));
    return response.end(JSON.stringify(fakeSlice(Number(query.get("offset")), Number(query.get("limit")))));
  }

  async function checkObject(request: AnalysisRequest) {
    if (request.source.kind !== "url") return;
    const response = await fetch(request.source.url);
    const hash = createHash("sha256");
    for await (const chunk of response.body!) hash.update(chunk);
    if (hash.digest("hex") !== request.sha256) throw new ProblemError("truncated_video", "The hash differs.");
  }

  function result(id: string, request: AnalysisRequest) {
    const words = request.library.split("-");
    const library = entries(request.library);
    const verdicts = { similar: "duplicate", partial: "partial_copy", review: "review" } as const;
    const isUnseen =
      words.includes("unseen") ||
      (request.task.kind === "check" && request.task.index_as?.startsWith("unseen") === true);
    const verdict = Object.entries(verdicts).find(([word]) => words.includes(word))?.[1];
    const seen = [...library.keys()].filter((key) => !index.isOut(request.library, key));
    const matches = verdict ? seen.map((key) => matchOf(key, verdict)) : [];
    if (words.includes("ghost")) matches.push(matchOf("ghost", "duplicate"));
    let indexedAs: string | null = null;
    const { task } = request;
    if (task.kind === "reference") indexedAs = task.reference_id;
    else if (matches.length === 0 && !isUnseen && !words.includes("streams")) indexedAs = task.index_as;
    if (indexedAs !== null) {
      const { generation, as_job_id: jobId = id } = task.kind === "reference" ? task : {};
      const { tenant, sha256 } = request;
      index.asked.push(`${generation ?? "all"}: ${tenant}/${request.library}/${indexedAs}`);
      const entry = { tenant, library: request.library, id: indexedAs, job_id: jobId, sha256 };
      if (!index.write({ ...entry, availability: 0, frames: 20 }, generation)) indexedAs = null;
      else library.set(indexedAs, { sha256, jobId });
    }
    const isEcho = words.includes("echo") && task.kind === "check" && indexedAs !== null;
    const told = isEcho ? [matchOf(indexedAs!, "duplicate")] : matches;
    return {
      video: {
        sha256: request.sha256,
        packets_sha256: createHash("sha256").update(request.sha256).digest("hex"),
        ...(isUnseen
          ? { duration_s: 10, seen_s: 4, gaps: [{ start_s: 4, end_s: 10 }] }
          : { duration_s: 10, seen_s: 10, gaps: [] }),
        streams: words.includes("streams") ? 2 : 1,
        frames: 20,
        width: 64,
        height: 48,
      },
      model: { id: "fake", version: "1" },
      found_by: told.length > 0 ? "content" : null,
      matches: task.kind === "reference" ? [] : told,
      indexed_as: isEcho ? null : indexedAs,
      ...(indexedAs === null ? {} : { index: { epoch: index.epochOf(request.tenant, request.library) } }),
      timings_ms: { fetch: 1, probe: 2, decode: 3, embed: 4, search: 5, align: 6 },
      ...(task.kind === "check" && words.includes("scored")
        ? { evidence: evidenceOf(told, Number(words.at(-1)) / 100) }
        : {}),
      ...(task.kind === "check" && task.explain ? { explanation: explanationOf(told, request) } : {}),
    };
  }

  async function analyse(
    id: string,
    body: string,
    affinity: string | null,
    response: ServerResponse,
    { headers }: IncomingMessage,
  ) {
    const request = analysisRequestSchema.parse(JSON.parse(body));
    const { library, policy, crashes } = request;
    if (request.index.unclaimed !== undefined) index.installation ??= request.index.installation;
    const words = library.split("-");
    const earlier = calls.filter((call) => call.method === "PUT" && call.library === library).length;
    const explain = request.task.kind === "check" && request.task.explain === true;
    const joins = {
      traceparent: headers.traceparent as string,
      requestId: headers["x-request-id"] as string,
    };
    calls.push({
      method: "PUT",
      id,
      library,
      jobId: null,
      explain,
      affinity,
      ...joins,
      ...(policy ? { policy } : {}),
      index: request.index,
      ...(crashes ? { crashes } : {}),
    });
    if (words.includes("resets")) return void response.destroy();
    if (words.includes("crowded") && earlier === 0)
      return problem(response, new ProblemError("too_much_at_once", "Yours is waiting.", { retryAfterS: 5 }));
    if (words.includes("busy") || (words.includes("flaky") && earlier < 2)) {
      return problem(response, new ProblemError("overloaded", "Try later."));
    }
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const own: Running = {
      library,
      latest: {},
      stopped: false,
      listeners: new Set([response]),
      tell: () => {},
    };
    const line = (event: object) => {
      own.latest = event;
      for (const listener of own.listeners) listener.write(`${JSON.stringify(event)}\n`);
    };
    own.tell = line;
    running.set(id, own);
    response.on("close", () => {
      if (own.goesOn) return;
      if (running.get(id) === own) running.delete(id);
      for (const listener of own.listeners) listener.end();
    });
    line({ event: "progress", stage: "fetch", fraction: 0, waiting: true, started: true });
    line({ event: "progress", stage: "probe", fraction: 0.5 });
    if (words.includes("hiccups") && earlier === 0) {
      own.goesOn = true;
      own.listeners.delete(response);
      await breakOff(response);
      await heardBy(own);
    }
    if (words.includes("cut") && earlier === 0) return void response.end();
    if (words.includes("gated")) {
      while (!open.has(library) && !response.destroyed && !own.stopped)
        await new Promise((later) => setTimeout(later, 10));
    }
    if (words.includes("dies") && !response.destroyed) {
      open.delete(library);
      const listeners = [...running.values()].flatMap((work) => [...work.listeners]);
      return void (await Promise.all(listeners.map(breakOff)));
    }
    if (own.stopped) {
      line({ event: "problem", problem: toProblem(new ProblemError("backend_unavailable", "Stopped.")) });
      return void response.end();
    }
    if (words.includes("broken") || (words.includes("spoils") && open.has(library))) {
      line({ event: "problem", problem: toProblem(new ProblemError("unreadable_video", "Not readable.")) });
      return void response.end();
    }
    if (options.readsObjects) await checkObject(request);
    line({ event: "result", result: result(id, request) });
    for (const listener of own.listeners) listener.end();
    if (own.goesOn) running.delete(id);
  }

  /** Once all that was said so far is on its way. */
  async function breakOff(response: ServerResponse) {
    await new Promise<unknown>((flushed) => response.write("\n", flushed));
    response.destroy();
  }

  async function heardBy(work: Running) {
    while (!work.isHeard) await new Promise((later) => setTimeout(later, 10));
  }

  function listenOrStop(method: string, id: string, affinity: string | null, response: ServerResponse) {
    const analysis = running.get(id);
    calls.push({ method, id, library: analysis?.library ?? "", jobId: null, explain: false, affinity });
    if (!analysis) return problem(response, new ProblemError("analysis_not_found", "Not running."));
    if (method === "DELETE") {
      analysis.stopped = true;
      return void response.writeHead(204).end();
    }
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(`${JSON.stringify(analysis.latest)}\n`);
    analysis.listeners.add(response);
    analysis.isHeard = true;
    response.on("close", () => analysis.listeners.delete(response));
  }

  function problem(response: ServerResponse, error: unknown) {
    const body = toProblem(error);
    response.writeHead(body.status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify(body));
  }

  function control(url: URL, response: ServerResponse) {
    const library = url.searchParams.get("library") ?? "";
    if (url.pathname === "/_control/open") open.add(library);
    if (url.pathname === "/_control/close") open.delete(library);
    if (url.pathname === "/_control/progress") {
      const stage = url.searchParams.get("stage");
      const event = { event: "progress", stage, fraction: Number(url.searchParams.get("fraction")) };
      for (const analysis of running.values()) if (analysis.library === library) analysis.tell(event);
    }
    if (url.pathname === "/_control/hold") index.held = true;
    if (url.pathname === "/_control/release") index.held = false;
    if (url.pathname === "/_control/break") {
      breaks = Number(url.searchParams.get("n"));
      skips = Number(url.searchParams.get("skip") ?? 0);
    }
    if (url.pathname === "/_control/index") return response.end(JSON.stringify(controlIndex(url)));
    const of = calls.filter((call) => call.library === library);
    response.end(JSON.stringify({ calls: of, references: [...entries(library).keys()] }));
  }

  /** What the index has; before that, `forget` takes an entry out, `foreign` gives it another job. */
  function controlIndex({ searchParams }: URL) {
    for (const { entries } of index.generations.values()) {
      const [gone, foreign] = [searchParams.get("forget"), searchParams.get("foreign")];
      if (gone !== null) entries.delete(gone);
      const entry = foreign === null ? undefined : entries.get(foreign);
      if (entry) entries.set(foreign!, { ...entry, job_id: "job_of_another" });
    }
    const orphan = searchParams.get("orphan");
    if (orphan !== null) {
      const [tenant, library, id] = orphan.split("/") as [string, string, string];
      const orphaned = { tenant, library, id, job_id: "job_orphan", sha256: "0".repeat(64) };
      index.write({ ...orphaned, availability: 0, frames: 1 }, undefined);
    }
    const generations = [...index.generations].map(([name, { entries }]) => [
      name,
      [...entries.keys()].sort(),
    ]);
    return { live: index.live, asked: index.asked, generations: Object.fromEntries(generations) };
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url!, "http://backend");
    if (url.pathname.startsWith("/_control/")) return control(url, response);
    let body = "";
    for await (const chunk of request) body += chunk;
    const signed = await verifyRequest(
      [secret],
      { method: request.method!, path: request.url! },
      (name) => request.headers[name] as string | undefined,
    );
    if (signed?.contentSha256 !== (await sha256Hex(body)) || nonces.has(signed.nonce))
      return problem(response, new ProblemError("bad_signature", "Sign it."));
    nonces.add(signed.nonce);
    if (breaks > 0 && skips-- <= 0) {
      breaks--;
      return response.destroy();
    }
    try {
      if (await answerMaintenance(index, request.method!, url, body, response)) return;
    } catch (error) {
      return problem(response, error);
    }
    const [, , kind, ...rest] = url.pathname.split("/").map(decodeURIComponent);
    if (url.pathname === "/readyz") {
      const about = { kind: "fake", references: 1, frames: 2, bytes: 3 };
      calls.push({ method: "GET", id: "", library: "readyz", jobId: null, explain: false });
      const model = { id: "fake", version: "1" };
      return response.end(
        JSON.stringify({ ready: true, reasons: [], model, execution_provider: "cpu", index: about }),
      );
    }
    const affinity = (request.headers["x-twinframe-affinity"] as string | undefined) ?? null;
    if (kind === "analyses" && request.method === "PUT")
      return analyse(rest[0]!, body, affinity, response, request);
    if (kind === "analyses") return listenOrStop(request.method!, rest[0]!, affinity, response);
    if (kind === "questions") return answerQuestion(rest[0]!, body, response, state);
    const [, , library, , id] = rest as [string, string, string, string, string];
    if (rest[5] === "descriptors") return descriptors(library, id, url.searchParams, response);
    const jobId = url.searchParams.get("job_id");
    calls.push({ method: "DELETE", id, library, jobId, explain: false });
    if (library.split("-").includes("undeletable") && !open.has(library)) return void response.destroy();
    if (entries(library).get(id)?.jobId === jobId) entries(library).delete(id);
    index.forget({ tenant: rest[0]!, library, id }, jobId);
    response.end(JSON.stringify({ epoch: index.epochOf(rest[0]!, library) }));
  }

  return answer;
}

export function createFakeBackend(secret: string, options: Options = {}): Server {
  const backends = new Map<string, Handler>();
  return createServer((request, response) => {
    const [, name = "", path = request.url!] = /^\/~([a-z-]+)(\/.*)$/.exec(request.url!) ?? [];
    request.url = path;
    if (!backends.has(name)) backends.set(name, createBackend(secret, options));
    backends.get(name)!(request, response).catch((error) => {
      console.error("fake backend:", error);
      response.destroy();
    });
  });
}
