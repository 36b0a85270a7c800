import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { z } from "zod";
import type { AppContext } from "../middleware/http-types.ts";

const MAX_BYTES = 64 * 1024;

const tooLarge = () =>
  new ProblemError("request_too_large", `Send a JSON body of at most ${MAX_BYTES} bytes.`);

async function boundedText(c: AppContext): Promise<string> {
  if (Number(c.req.header("content-length") ?? 0) > MAX_BYTES) throw tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
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
    const text = await boundedText(c);
    return text === "" && absent !== undefined ? absent : JSON.parse(text);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("malformed_json", "Send a body that is valid JSON in UTF-8.");
  }
}
