import type { Decision, DecisionInput } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { findOwnCheck } from "./own-check.ts";
import { saveDecision } from "./store/check-decisions.ts";
import type { CheckRow } from "./store/check-row.ts";

/** A person's word on a check whose verdict is `review`; a later one takes its place. */
export async function decideCheck(
  context: RequestContext,
  tenant: string,
  id: string,
  { decision, by, reason }: DecisionInput,
): Promise<CheckRow> {
  const row = await findOwnCheck(context, tenant, id);
  if (row.status !== "completed" || row.verdict !== "review") {
    const is = row.status === "completed" ? `has the verdict ${row.verdict}` : `is ${row.status}`;
    throw new ProblemError("not_in_review", `Only a verdict of review can be decided; this check ${is}.`);
  }
  const decided: Decision = { decision, by, reason: reason ?? null, decided_at: new Date().toISOString() };
  await saveDecision(context.bindings.DB, id, decided);
  return findOwnCheck(context, tenant, id);
}
