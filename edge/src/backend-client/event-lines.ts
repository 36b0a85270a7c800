// The backend's NDJSON answer, line by line.

import type { z } from "zod";
import { within } from "../platform/deadline.ts";
import { backendUnavailable } from "./backend-unavailable.ts";

/** The backend sends a line at least every 10 s. */
const IDLE_MS = 60_000;
const MAX_LINE_CHARS = 8 * 1024 * 1024;

function parseLine<Schema extends z.ZodType>(schema: Schema, line: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw backendUnavailable(error);
  }
}

/** The connection broke, or nothing was heard for too long: other than an end, which hands the work back. */
export class StreamBroken extends Error {
  override readonly name = "StreamBroken";
}

/** The events until the stream ends; it may end without a result. Throws `StreamBroken` when it does not end. */
export async function* eventLines<Schema extends z.ZodType>(
  body: ReadableStream<Uint8Array>,
  schema: Schema,
  signal: AbortSignal | undefined,
): AsyncGenerator<z.infer<Schema>> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  try {
    for (;;) {
      const read = reader.read().catch((cause) => {
        throw new StreamBroken("the stream broke off", { cause });
      });
      const expired = () => new StreamBroken("nothing was heard");
      const { value, done } = await within(read, { ms: IDLE_MS, expired, signal });
      if (done) return;
      pending += decoder.decode(value, { stream: true });
      if (pending.length > MAX_LINE_CHARS) throw backendUnavailable("line too long");
      const lines = pending.split("\n");
      pending = lines.pop()!;
      for (const line of lines) if (line.trim() !== "") yield parseLine(schema, line);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
