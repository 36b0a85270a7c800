// The public API as the campaign speaks it: what a killed service does not answer is null.

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the campaign looks into answers of every kind
  body: any;
}

export interface Ask {
  bytes?: Uint8Array<ArrayBuffer>;
  json?: unknown;
  /** Seconds to wait; as the service likes when absent. */
  wait?: number;
  headers?: Record<string, string>;
}

export type TortureApi = (method: string, path: string, ask?: Ask) => Promise<Answer | null>;

const ANSWER_TIMEOUT_MS = 90_000;

export function apiOf(edgeUrl: string, apiKey: string): TortureApi {
  return async (method, path, { bytes, json, wait, headers = {} } = {}) => {
    const body = json === undefined ? bytes : JSON.stringify(json);
    const all = {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined
        ? {}
        : { "content-type": json === undefined ? "video/mp4" : "application/json" }),
      ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
      ...headers,
    };
    try {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const response = await fetch(edgeUrl + path, {
        method,
        headers: all,
        signal,
        ...(body ? { body } : {}),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    } catch {
      return null;
    }
  };
}
