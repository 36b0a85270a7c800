// Where answers are kept for a request that is sent again.

import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { type StoredAnswer, seal, unseal } from "./sealed-answer.ts";
import { type Claim, type IdempotencyRow, keepAnswer } from "./store/idempotency.ts";

export const ANSWERS_PREFIX = "idempotency/";
export const KEPT_MS = 24 * 3600_000;

/** Larger ones lie in the object store. */
const ROW_BYTES = 64 * 1024;
/** What an answer is repeated with, besides its body. */
const HEADERS = ["content-type", "location", "retry-after", "preference-applied"];

export async function storeAnswer(
  { bindings, config }: RequestContext,
  claim: Claim,
  idempotencyKey: string,
  response: Response,
): Promise<void> {
  const body = new Uint8Array(await response.clone().arrayBuffer());
  const kept = HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const answer = { status: response.status, headers: Object.fromEntries(kept), body };
  const sealed = await seal(config.signingSecrets[0], claim.tenant, idempotencyKey, answer);
  if (sealed.byteLength <= ROW_BYTES) {
    await keepAnswer(bindings.DB, claim, { answer: sealed, objectKey: null });
    return;
  }
  const objectKey = `${ANSWERS_PREFIX}${claim.holder}`;
  await bindings.OBJECTS.put(objectKey, sealed);
  await keepAnswer(bindings.DB, claim, { answer: null, objectKey });
}

/** The answer once more; null when it can no longer be read. */
export async function recallAnswer(
  { bindings, config }: RequestContext,
  tenant: string,
  idempotencyKey: string,
  { answer, object_key }: IdempotencyRow,
): Promise<StoredAnswer | null> {
  const sealed =
    object_key === null
      ? Uint8Array.from(answer ?? [])
      : await bindings.OBJECTS.get(object_key).then((object) => object?.bytes());
  if (!sealed) return null;
  try {
    return await unseal(config.signingSecrets, tenant, idempotencyKey, sealed as Uint8Array<ArrayBuffer>);
  } catch (error) {
    logFailure("an idempotent answer cannot be read", {}, error);
    return null;
  }
}
