// Idempotency-Key: the same request, sent again, gets the same answer, and the work is done once.

import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import type { Next } from "hono";
import { drainBody } from "../platform/http/drain.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { type RequestContext, requestContextOf } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { KEPT_MS, recallAnswer, storeAnswer } from "./answers.ts";
import { bodyHash } from "./body-hash.ts";
import { fingerprint } from "./fingerprint.ts";
import {
  type Claim,
  claimKey,
  findIdempotency,
  type IdempotencyRow,
  noteBody,
  releaseKey,
  yieldKey,
} from "./store/idempotency.ts";

/** Beyond the longest intake: the longest wait, and time to spare. Whoever holds a key longer has died. */
const HOLD_BEYOND_INTAKE_MS = 3 * 60_000;
/** What may turn out otherwise when it is sent again: with another key, the sender or we broke off, or too early. */
const NOT_KEPT_CODES = ["truncated_video", "empty_video"];
const NOT_KEPT_STATUSES = [403, 408, 425, 429];

interface Claimed {
  claim: Claim;
  /** The body's hash is not in the fingerprint, and known only once it has come. */
  bodyFollows: boolean;
}

const mismatch = (detail: string) => new ProblemError("idempotency_mismatch", detail);

function keyOf(c: AppContext): string | undefined {
  const key = c.req.header("idempotency-key");
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError("invalid_request", "Send an Idempotency-Key of 1–255 visible ASCII characters.", {
    errors: [{ pointer: "/idempotency-key", detail: "is not 1–255 visible ASCII characters" }],
  });
}

/** Claims the key, or gives the row of whoever did. */
async function claimOrFind(
  { bindings, config }: RequestContext,
  claim: Claim,
): Promise<IdempotencyRow | null> {
  for (;;) {
    const nowMs = Date.now();
    const iso = (ms: number) => new Date(nowMs + ms).toISOString();
    const heldUntil = iso(config.intake.timeoutMs + HOLD_BEYOND_INTAKE_MS);
    const times = { nowIso: iso(0), heldUntil, expiresAt: iso(KEPT_MS) };
    if (await claimKey(bindings.DB, claim, times)) return null;
    const row = await findIdempotency(bindings.DB, claim.tenant, claim.keyHash);
    // It may have been given back in between.
    if (row !== null) return row;
  }
}

const anotherRequest = () =>
  mismatch("This Idempotency-Key came with another request. Give each new request a new key.");

async function replay(
  c: AppContext,
  context: RequestContext,
  row: IdempotencyRow,
  { claim, bodyFollows }: Claimed,
  key: string,
) {
  const { intake } = context.config;
  const isOther = row.fingerprint !== claim.fingerprint;
  if (isOther || !bodyFollows) await drainBody(c.req.raw.body, "not needed", intake);
  if (isOther) throw anotherRequest();
  if (bodyFollows) {
    const sha256 = await bodyHash(c.req.raw.body, intake);
    if (row.body_sha256 !== null && row.body_sha256 !== sha256) throw anotherRequest();
  }
  if (row.answer === null && row.object_key === null) {
    throw new ProblemError(
      "idempotency_in_flight",
      "The first request with this Idempotency-Key is still at work. Send it again a little later.",
      { retryAfterS: 1 },
    );
  }
  const answer = await recallAnswer(context, claim.tenant, key, row);
  if (answer === null) {
    throw mismatch("The answer of this Idempotency-Key can no longer be given. Use a new key.");
  }
  const headers = { ...answer.headers, "idempotency-replayed": "true" };
  c.res = new Response(answer.status === 204 ? null : answer.body, { status: answer.status, headers });
}

/** Does the work and keeps its answer, also when nobody waits for it any more. */
async function work(
  c: AppContext,
  context: RequestContext,
  next: Next,
  { claim, bodyFollows }: Claimed,
  key: string,
): Promise<void> {
  const { DB } = context.bindings;
  // Whose body is not known by now was refused before it was read: nothing was done, and it may be refused again.
  let isKnown = !bodyFollows;
  let isAnother = false;
  c.set("noteBody", async (sha256) => {
    isAnother = !(await noteBody(DB, claim, sha256));
    if (isAnother) throw anotherRequest();
    isKnown = true;
  });
  await next();
  const { status } = c.res;
  const kept =
    isKnown &&
    status < 500 &&
    !NOT_KEPT_STATUSES.includes(status) &&
    !NOT_KEPT_CODES.includes(c.get("problemCode") ?? "");
  try {
    if (kept) await storeAnswer(context, claim, key, c.res);
    else if (isAnother) await yieldKey(DB, claim, new Date().toISOString());
    else await releaseKey(DB, claim);
  } catch (error) {
    // The work is done: that its answer cannot be repeated is no reason to withhold it.
    logFailure("an idempotent answer was not kept", { request_id: claim.holder }, error);
  }
}

export async function idempotent(c: AppContext, next: Next): Promise<void> {
  const key = c.req.method === "POST" ? keyOf(c) : undefined;
  if (key === undefined) return next();
  const context = requestContextOf(c.env, c.executionCtx);
  const caller = c.get("caller");
  const told = await fingerprint(c.req.raw, caller, context.config.intake);
  c.req.raw = told.request;
  const claim: Claim = {
    tenant: caller.tenant,
    keyHash: await sha256Hex(key),
    fingerprint: told.fingerprint,
    holder: c.get("requestId"),
  };
  const claimed: Claimed = { claim, bodyFollows: told.bodyFollows };
  const row = await claimOrFind(context, claim);
  if (row !== null) return replay(c, context, row, claimed, key);
  const working = work(c, context, next, claimed, key);
  c.executionCtx.waitUntil(working.catch(() => {}));
  await working;
}
