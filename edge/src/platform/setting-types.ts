// How a setting is written: as text, by whoever configures the Worker.

import { SIGNING_SECRET_MIN_LENGTH } from "@twinframe/shared/signing";
import { z } from "zod";

const text = (what: string) => z.string({ error: `is not set: ${what}` }).min(1, `is empty: ${what}`);
export const httpOrigin = (what: string) =>
  text(what)
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), `give ${what}`)
    .transform((value) => value.replace(/\/+$/, ""));
/** Names and addresses of this very machine, as the URL parser writes them. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
export const isPlainElsewhere = (address: string) => {
  const url = URL.parse(address);
  return url?.protocol === "http:" && !LOOPBACK.test(url.hostname);
};
export const secret = (what: string) =>
  text(what).min(SIGNING_SECRET_MIN_LENGTH, `needs at least ${SIGNING_SECRET_MIN_LENGTH} characters`);
/** Empty is the same as not set: so it can be taken out of use without being deleted. */
export const previousSecret = z
  .literal("")
  .transform(() => undefined)
  .or(secret("the one before"))
  .optional();
export const flag = z
  .enum(["true", "false"], "write true or false")
  .default("false")
  .transform((value) => value === "true");
export const positiveInt = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Of the tenant `default`, of a tenant by name, or of every tenant (`*:`). */
export const ALLOWED_BUCKET =
  /^(?:(?<tenant>\*|[a-z0-9][a-z0-9_-]{0,63}):)?(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/;
export const isOrigin = (value: string) => URL.canParse(value) && new URL(value).origin === value;
export const hostList = z
  .string()
  .transform((list) => list.split(",").map((entry) => entry.trim().toLowerCase()))
  .transform((list) => list.filter((entry) => entry !== ""))
  .pipe(z.array(z.string().regex(/^.+:\d{1,5}$/, "write each entry as host:port")));
export const headerList = z
  .string()
  .transform((list) => list.split(",").filter((entry) => entry.trim() !== ""))
  .pipe(z.array(z.string().regex(/^\s*[\w-]+\s*=.+$/, "write each header as name=value")))
  .transform((list) =>
    Object.fromEntries(
      list.map((entry): [string, string] => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
      }),
    ),
  );
