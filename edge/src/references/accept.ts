import { backendUnavailable } from "../backend-client/backend-unavailable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { currentTraceparent } from "../platform/telemetry/operation.ts";
import { giveUpReference } from "./index-reference.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { acknowledgeReference, findReference } from "./store/references.ts";

/** Promises a claimed reference: from here on the queue sees to it. */
export async function acceptReference(context: RequestContext, claim: ReferenceRow): Promise<ReferenceRow> {
  const { DB, JOBS } = context.bindings;
  const { tenant, library, id, job_id } = claim;
  try {
    const traceparent = currentTraceparent();
    await JOBS.send({ type: "reference", tenant, library, id, job_id, traceparent });
  } catch (error) {
    await giveUpReference(context, claim, error);
    throw backendUnavailable(error);
  }
  if (!(await acknowledgeReference(DB, claim, job_id))) throw backendUnavailable("claim lost");
  return (await findReference(DB, claim)) ?? claim;
}
