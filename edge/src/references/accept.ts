import { backendUnavailable } from "../clients/analysis-events.ts";
import { currentTraceparent } from "../observe/operation.ts";
import type { Services } from "../services.ts";
import { acknowledgeReference, findReference } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { giveUpReference } from "./index-reference.ts";

/** Promises a claimed reference: from here on the queue sees to it. */
export async function acceptReference(services: Services, claim: ReferenceRow): Promise<ReferenceRow> {
  const { DB, JOBS } = services.bindings;
  const { tenant, library, id, job_id } = claim;
  try {
    const traceparent = currentTraceparent();
    await JOBS.send({ type: "reference", tenant, library, id, job_id, traceparent });
  } catch (error) {
    await giveUpReference(services, claim, error);
    throw backendUnavailable(error);
  }
  if (!(await acknowledgeReference(DB, claim, job_id))) throw backendUnavailable("claim lost");
  return (await findReference(DB, claim)) ?? claim;
}
