// The ways by which a URL comes to the edge.

export interface Edge {
  url: string;
  apiKey: string;
}

interface Asked {
  status: number;
  /** The answer's body as text. */
  text: string;
}

async function ask({ url, apiKey }: Edge, path: string, body: unknown, type = "application/json") {
  const init =
    body === undefined
      ? {}
      : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) };
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": type };
  const response = await fetch(url + path, { ...init, headers, redirect: "manual" });
  return { status: response.status, text: await response.text() } satisfies Asked;
}

/** Each fetches the URL at once and answers for it. */
export const FETCHES: Record<string, (edge: Edge, url: string) => Promise<Asked>> = {
  check: (edge, url) => ask(edge, "/v1/checks", { url }),
  reference: (edge, url) => ask(edge, "/v1/references", { url }),
  search: (edge, url) => ask(edge, "/v1/search", { url }),
  comparison: (edge, url) => ask(edge, "/v1/comparisons", { a: { url }, b: { url } }),
  "check-video-duplicate": (edge, url) => ask(edge, "/check-video-duplicate", { url }),
  get_video_vector: (edge, url) => ask(edge, "/get_video_vector", { video_url: url }),
};

const POLL_MS = 50;
const MAX_POLLS = 400;

/** Asks again until `read` gives something; throws after 20 s. */
async function polled<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (let polls = 0; polls < MAX_POLLS; polls++) {
    const found = await read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("it does not end");
}

/** An endpoint at the URL, and a test event sent to it. Resolves with why the endpoint or the attempt failed. */
export async function callWebhook(edge: Edge, url: string): Promise<string> {
  const made = await ask(edge, "/v1/webhook-endpoints", { url, events: ["check.completed"] });
  if (made.status !== 201) return String(JSON.parse(made.text).code);
  const { id } = JSON.parse(made.text);
  const sent = await ask(edge, `/v1/webhook-endpoints/${id}/test`, {});
  const delivery = JSON.parse(sent.text).id;
  const error = await polled(async () => {
    const { text } = await ask(edge, `/v1/webhook-deliveries/${delivery}`, undefined);
    const { attempts = [] } = JSON.parse(text);
    return attempts.length === 0 ? undefined : String(attempts.at(-1).error);
  });
  await fetch(`${edge.url}/v1/webhook-endpoints/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${edge.apiKey}` },
  });
  return error;
}

/** An import of these URLs, to its end; resolves with how many lines did not fail. */
export async function importAll(edge: Edge, urls: string[]): Promise<number> {
  const lines = urls.map((url) => JSON.stringify({ url })).join("\n");
  const made = await ask(edge, "/v1/imports", lines, "application/x-ndjson");
  if (made.status !== 202) throw new Error(`the import is answered with ${made.status}: ${made.text}`);
  const { id } = JSON.parse(made.text);
  const ended = await polled(async () => {
    const read = JSON.parse((await ask(edge, `/v1/imports/${id}`, undefined)).text);
    return read.completed_at === null ? undefined : read;
  });
  return ended.total - ended.failed;
}
