// The problems of generations and snapshots.

import { ProblemError } from "@twinframe/shared/problem";
import { IndexModelMismatch } from "../vector-index.ts";
import { namingFullDisk } from "./disk-full.ts";

export const noGeneration = (name: string) =>
  new ProblemError("generation_not_found", `The index has no generation "${name}".`);

export const damaged = (why: string) =>
  new ProblemError("snapshot_damaged", `The snapshot cannot be restored: ${why}. Nothing was changed.`);

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The signal's reason where that has fired; a problem in any other case. */
export function asProblem(cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof ProblemError || cause instanceof IndexModelMismatch) return cause;
  const named = namingFullDisk(cause) as Error & { code?: string };
  if (named.code === "index_full") return new ProblemError("index_full", sentence(named.message), { cause });
  return new ProblemError("index_unavailable", "The index could not be reached; try again shortly.", {
    cause,
  });
}
