// What the S3 interface answers: small, flat XML that the bucket writes itself. Names and texts are taken as they are
// written, entities and all: an ETag's `&quot;` goes back to the bucket as it came.

import { storeUnavailable } from "./store-unavailable.ts";

/** A page of a thousand parts has about 200 KiB. */
const MAX_BYTES = 1024 * 1024;

/** The answer's text; `backend_unavailable` when it has more than 1 MiB. */
export async function answerText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw storeUnavailable(`the bucket answered with more than ${MAX_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The content of every element of this name, none of which lies in another one of that name. */
export const elements = (xml: string, name: string): string[] =>
  xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.slice(0, Math.max(0, rest.indexOf(`</${name}>`))));

/** The content of the first one; "" when there is none. */
export const element = (xml: string, name: string): string => elements(xml, name)[0] ?? "";
