// The Worker's timer. The local runtime keeps queues in memory and never fires cron triggers by itself; so work
// that was accepted before an end is taken up by a sweep at the next start, and then one is due every so often.

/** As wrangler.toml has it. */
const EVERY_MS = 5 * 60_000;
/** Beyond the age at which the sweep takes work for abandoned: at a start nobody can be working on any. */
const ABANDONED_MS = 16 * 60_000;

async function fire(edgeUrl: string, dueMs: number): Promise<void> {
  const url = new URL("/cdn-cgi/local/scheduled", edgeUrl);
  url.searchParams.set("time", String(dueMs));
  // A sweep that fails is made up for by the next one; the edge's log says why.
  await fetch(url).catch(() => {});
}

/** To be called when the edge has just started. */
export function takeUpUnfinished(edgeUrl: string): Promise<void> {
  return fire(edgeUrl, Date.now() + ABANDONED_MS);
}

/** Fires until it is stopped. */
export function startTimer(edgeUrl: string): () => void {
  const timer = setInterval(() => void fire(edgeUrl, Date.now()), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
