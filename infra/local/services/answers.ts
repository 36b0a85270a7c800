const ANSWER_WITHIN_MS = 5_000;

/** Whether an address answers with a status as wanted. Throws when nobody listens. */
export async function answersWith(url: string, wanted: (status: number) => boolean): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: "manual" });
  await response.body?.cancel();
  return wanted(response.status);
}
