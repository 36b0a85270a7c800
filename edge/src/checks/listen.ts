// A client that listens to a check takes one of its tenant's places, and shares the look at the check with others.

import { quotaOf, tooMuchAtOnce } from "../auth/places.ts";
import { LONGEST_STREAM_MS } from "../platform/http/event-stream.ts";
import type { RequestContext } from "../platform/request-context.ts";
import type { ListenRequest } from "./check-events.ts";
import type { CheckRow } from "./store/check-row.ts";

const RETRY_AFTER_S = 10;
const SPARE_MS = 60_000;

/** The stream of what comes after the event `after`. Problem: `too_much_at_once`. */
export async function listenToCheck(
  { bindings, config }: RequestContext,
  { id, tenant }: CheckRow,
  after: number,
): Promise<Response> {
  const placeId = crypto.randomUUID();
  const mostOfTenant = config.tenantLimits.eventStreams;
  const untilMs = Date.now() + LONGEST_STREAM_MS + SPARE_MS;
  const place = { kind: "event_stream" as const, id: placeId, most: mostOfTenant, untilMs };
  if (!(await quotaOf(bindings, tenant).enter(place)))
    throw tooMuchAtOnce(`${mostOfTenant} event streams`, RETRY_AFTER_S);
  const most = config.checkMaxEventStreams;
  const asked: ListenRequest = { checkId: id, tenant, placeId, after, most };
  const { CHECK_EVENTS } = bindings;
  const listening = CHECK_EVENTS.get(CHECK_EVENTS.idFromName(id));
  const init = { method: "POST", body: JSON.stringify(asked) };
  const response = await listening.fetch("https://check-events.internal/", init);
  if (response.status === 429) throw tooMuchAtOnce(`${most} event streams of this check`, RETRY_AFTER_S);
  return response;
}
