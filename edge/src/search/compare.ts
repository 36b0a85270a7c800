// Two videos with one another.

import type { Comparison } from "@twinframe/shared/contract";
import { installationOf } from "../backend-client/index-identity.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { type Asking, answered } from "./answered.ts";
import type { AskedVideo } from "./subject.ts";

export async function compare(
  context: RequestContext,
  asking: Asking,
  a: AskedVideo,
  b: AskedVideo,
): Promise<Comparison> {
  const index = { installation: await installationOf(context) };
  const answer = await answered<"comparison">(context, asking, [a, b], ([first, second]) => ({
    question: { kind: "comparison", a: first!, b: second! },
    identity: [],
    index,
  }));
  const { score, verdict, segments, a_duration_s, b_duration_s, matrix } = answer;
  return { score, verdict, segments, durations: { a_s: a_duration_s, b_s: b_duration_s }, matrix };
}
