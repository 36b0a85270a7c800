import { ProblemError } from "@twinframe/shared/problem";
import type { AppContext } from "../platform/http/http-types.ts";
import { decodeCursor } from "../platform/http/paging.ts";

const ID = /^[a-z]{3}_[0-9a-z]{26}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The id in the path; text that no id looks like becomes one that nothing has. */
export const idOf = (c: AppContext): string => {
  const id = c.req.param("id") ?? "";
  return ID.test(id) ? id : "";
};

/** The keys of a list that is sorted by time and id, or by id alone. */
export function cursorOf(cursor: string | undefined, parts: 1 | 2): string[] | null {
  const key = decodeCursor(cursor, parts);
  if (key === null || (ID.test(key.at(-1)!) && (parts === 1 || TIME.test(key[0]!)))) return key;
  throw new ProblemError("invalid_request", "Use a cursor as a page gave it, or leave it out.", {
    errors: [{ pointer: "/cursor", detail: "is not a cursor of this list" }],
  });
}
