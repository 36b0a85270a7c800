// Has references analysed into one generation of the index, as the entries that they have, or had, elsewhere.

import { isTransient, type ProblemCode, toProblem } from "@twinframe/shared/problem";
import { analyse } from "../backend-client/analyse.ts";
import { forgetReference } from "../backend-client/entries.ts";
import { installationOf } from "../backend-client/index-identity.ts";
import { Interrupted } from "../platform/deadline.ts";
import { isRetryable } from "../platform/queue/retryable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { findReference } from "../references/index.ts";
import { originalOf } from "./original.ts";
import type { WalkedReference } from "./store/reference-walk.ts";

/** At once; of each, one connection to the backend or to a source is open. */
const PARALLEL = 3;

export interface Embedding {
  /** Null: into all of them, as a new reference is. One beside the live one takes only what that one has. */
  generation: string | null;
  /** Makes the analyses' ids: the same work asked again attaches to the one under way. */
  name: string;
  signal: AbortSignal;
}

export interface Cannot {
  row: WalkedReference;
  /** Of the problem; `live_lacks_it`: a reconciliation has to come first. */
  code: ProblemCode | "live_lacks_it";
}

/** Why it is not there now; null when it is, or need not be any more. */
async function embed(
  context: RequestContext,
  row: WalkedReference,
  { generation, name, signal }: Embedding,
): Promise<Cannot["code"] | null> {
  const id = `${name}_${row.job_id}`;
  const { source, drop } = await originalOf(context, row, `intake/${id}`);
  const { tenant, library, sha256, job_id } = row;
  const into = generation === null ? {} : { generation };
  const task = { kind: "reference" as const, reference_id: row.id, as_job_id: job_id, ...into };
  let indexedAs: string | null;
  try {
    const index = { installation: await installationOf(context) };
    const request = { tenant, library, sha256, source, task, index };
    ({ indexed_as: indexedAs } = await analyse(context, { id }, request, { signal }));
  } catch (error) {
    // The next turn attaches to it, and still needs the object.
    if (!(error instanceof Interrupted)) drop();
    throw error;
  }
  drop();
  const now = await findReference(context.bindings.DB, row);
  // Deleted meanwhile: the backend heard of the deletion before it had this entry.
  if (now?.job_id !== job_id) {
    await forgetReference(context, row, job_id);
    return null;
  }
  return indexedAs === null ? "live_lacks_it" : null;
}

/**
 * Those that cannot be analysed at all; all others are in the generation. Throws what may pass, once all that were
 * begun have ended: the rest is then to be asked for again.
 */
export async function embedAll(
  context: RequestContext,
  rows: readonly WalkedReference[],
  embedding: Embedding,
): Promise<Cannot[]> {
  const cannot: Cannot[] = [];
  const waiting = [...rows];
  const lane = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      if (embedding.signal.aborted) throw new Interrupted();
      try {
        const code = await embed(context, row, embedding);
        if (code !== null) cannot.push({ row, code });
      } catch (error) {
        if (error instanceof Interrupted) throw error;
        const { code } = toProblem(error);
        if (isTransient(code) && isRetryable(code)) throw error;
        cannot.push({ row, code });
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, lane));
  const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  const failure = failures.find((error) => !(error instanceof Interrupted)) ?? failures[0];
  if (failure !== undefined) throw failure;
  return cannot;
}
