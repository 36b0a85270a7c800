// After a deployment: does the Worker live, is its backend ready, and does a check by a declared hash go through
// key, quota, D1 and library? That check sends no video, and finds nothing but what is a reference already.

export interface SmokeTarget {
  origin: string;
  apiKey: string;
  /** A new version is not everywhere at once. */
  tries: number;
  pauseMs: number;
}

/** Of no file: the answer is that no reference has it. */
const NOBODYS_SHA256 = "00".repeat(32);
const TIMEOUT_MS = 15_000;

/** What is wrong, or null. */
export async function smokeCheck(target: SmokeTarget): Promise<string | null> {
  let fault: string | null = null;
  for (let attempt = 0; attempt < target.tries; attempt++) {
    if (attempt > 0) await new Promise((done) => setTimeout(done, target.pauseMs));
    fault = await look(target).catch((error) => `no answer: ${(error as Error).message}`);
    if (fault === null) return null;
  }
  return fault;
}

async function look({ origin, apiKey }: SmokeTarget): Promise<string | null> {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(origin + path, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  const live = await ask("/livez");
  if (live.status !== 200) return `/livez answers ${live.status}`;
  const ready = await ask("/readyz");
  if (ready.status !== 200) return `/readyz answers ${ready.status}: ${(await ready.text()).slice(0, 300)}`;
  const check = await ask("/v1/checks", {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ sha256: NOBODYS_SHA256 }),
  });
  const { code } = (await check.json().catch(() => ({}))) as { code?: string };
  if (check.status === 422 && code === "content_unknown") return null;
  return `a check by hash answers ${check.status} ${code ?? ""}`.trimEnd();
}
