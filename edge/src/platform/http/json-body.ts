import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { z } from "zod";
import type { AppContext } from "./http-types.ts";

const MAX_BYTES = 64 * 1024;

/** The body as text; throws a TypeError when it is not UTF-8. */
export async function boundedText(c: AppContext, maxBytes: number): Promise<string> {
  const tooLarge = () => new ProblemError("request_too_large", `Send a body of at most ${maxBytes} bytes.`);
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) throw tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Values nested thousands deep are too much for whoever walks them by recursion. */
function safely<T>(walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError("invalid_request", "The JSON is nested too deep; send a flatter one.");
  }
}

export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = safely(() => schema.safeParse(value));
  if (!parsed.success) throw problemOfZodError(parsed.error);
  return parsed.data;
}

/** The same where a body may be left out: then as if it were `{}`. */
export async function readOptionalJson(c: AppContext): Promise<unknown> {
  return c.req.raw.body === null ? {} : readJson(c);
}

export const readJson = (c: AppContext): Promise<unknown> => readJsonOr(c, undefined);

/** `absent` stands for an empty body, where it is given. */
export async function readJsonOr(c: AppContext, absent: unknown): Promise<unknown> {
  try {
    const text = await boundedText(c, MAX_BYTES);
    return text === "" && absent !== undefined ? absent : JSON.parse(text);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("malformed_json", "Send a body that is valid JSON in UTF-8.");
  }
}

/** Without its parameters. */
export const contentTypeOf = (c: AppContext): string =>
  (c.req.header("content-type") ?? "").split(";")[0]!.trim().toLowerCase();

/** The body's content type, one of `types`. */
export function requireType(c: AppContext, types: readonly string[]): string {
  const type = contentTypeOf(c);
  if (types.includes(type)) return type;
  throw new ProblemError("unsupported_media_type", `Send the body with Content-Type: ${types.join(" or ")}.`);
}
