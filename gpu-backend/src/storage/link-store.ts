// Videos behind the edge's signed links. The link is a credential: neither it nor its query is ever logged, and
// no error names it.

import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { ProblemError } from "@twinframe/shared/problem";
import { tooLarge, writeTemporaryFile } from "./temporary-file.ts";
import {
  DEFAULT_FETCH_TIMEOUTS,
  type FetchOptions,
  type FetchTimeouts,
  type LinkSource,
  type VideoStore,
} from "./video-store.ts";

export interface LinkStoreOptions {
  /** Origins (`https://edge.example`) that may be read: the edge's, and nothing that a user could name. */
  allowedOrigins: readonly string[];
  timeouts?: FetchTimeouts;
}

export function createLinkStore(options: LinkStoreOptions): VideoStore<LinkSource> {
  const allowedOrigins = new Set(options.allowedOrigins.map((origin) => new URL(origin).origin));
  const timeouts = options.timeouts ?? DEFAULT_FETCH_TIMEOUTS;
  return {
    async fetchToFile(source, fetchOptions) {
      const url = new URL(source.url);
      const isWeb = url.protocol === "https:" || url.protocol === "http:";
      if (!isWeb || url.username !== "" || !allowedOrigins.has(url.origin))
        throw new ProblemError(
          "source_address_refused",
          "The backend reads only the origins that its configuration names.",
        );
      const response = await request(url, fetchOptions, timeouts.answerMs);
      const body = response.body ? Readable.fromWeb(response.body as ReadableStream) : Readable.from([]);
      try {
        refuseAnswer(response, fetchOptions.maxBytes);
      } catch (error) {
        body.on("error", () => {}).destroy();
        throw error;
      }
      return await writeTemporaryFile(body, fetchOptions, timeouts.idleMs);
    },
  };
}

async function request(url: URL, { signal }: FetchOptions, answerMs: number): Promise<Response> {
  const answer = new AbortController();
  const timer = setTimeout(() => answer.abort(), answerMs);
  try {
    return await fetch(url, {
      redirect: "error",
      headers: { "accept-encoding": "identity" },
      signal: signal ? AbortSignal.any([signal, answer.signal]) : answer.signal,
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (answer.signal.aborted)
      throw new ProblemError("source_timeout", "The store of the video did not answer in time. Try again.");
    throw new ProblemError("source_failed", "The store of the video could not be reached. Try again.", {
      cause: withoutUrl(error),
    });
  } finally {
    clearTimeout(timer);
  }
}

function refuseAnswer(response: Response, maxBytes: number): void {
  if (response.status === 404 || response.status === 410)
    throw new ProblemError("object_not_found", "The video is no longer in the store. Send it again.");
  if (response.status !== 200)
    throw new ProblemError("source_failed", `The store of the video answered ${response.status}. Try again.`);
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** undici's errors carry codes that help and, in some versions, the URL. */
function withoutUrl(error: unknown): unknown {
  const code = (error as { cause?: { code?: string } }).cause?.code;
  return code === undefined ? undefined : { code };
}
