// Lists, page by page. A cursor is opaque to clients: the sort key of the last entry they have seen, so that
// entries which come or go meanwhile neither repeat nor hide others.

import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import { fromBase64, toBase64 } from "../base64.ts";

const MAX_PAGE = 200;

/** For a list's query schema. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  cursor: z.string().max(1024).optional(),
};

/** A page as the API answers it; `next_cursor` is null on the last one. */
export const pageSchema = <Entry extends z.ZodType>(entry: Entry) =>
  z.object({ data: z.array(entry), next_cursor: z.string().nullable() });

const notACursor = () =>
  new ProblemError("invalid_request", "Use a cursor as a page gave it, or leave it out.", {
    errors: [{ pointer: "/cursor", detail: "is not a cursor of this list" }],
  });

export function encodeCursor(key: readonly string[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(key));
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The key of as many parts as were encoded; null without a cursor. Problem: `invalid_request`. */
export function decodeCursor(cursor: string | undefined, parts: number): string[] | null {
  if (cursor === undefined) return null;
  try {
    const bytes = fromBase64(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return z.array(z.string()).length(parts).parse(JSON.parse(text));
  } catch {
    throw notACursor();
  }
}

/** For lists that are sorted by one whole number. */
export function decodeNumber(cursor: string | undefined): number | null {
  const [text] = decodeCursor(cursor, 1) ?? [];
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw notACursor();
  return Number(text);
}

/** Of rows fetched with one more than `limit`: the page, and the cursor of the next one. */
export function pageOf<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => readonly string[]) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last ? encodeCursor(keyOf(last)) : null };
}
