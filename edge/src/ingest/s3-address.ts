// Addresses such as s3://bucket/folder/video.mp4. The key is taken as it is written, as S3's own tools do: nothing
// in it is percent-decoded, and ? and # are parts of it.

import { ProblemError } from "@twinframe/shared/problem";
import type { Configuration } from "../platform/configuration.ts";

const SCHEME = "s3://";
/** Of the whole address, in UTF-8: it stands in the place of an object's key of ours, which may have that many. */
const MAX_BYTES = 1024;

export interface S3Object {
  bucket: string;
  key: string;
}

export const isS3Address = (text: string): boolean => text.slice(0, SCHEME.length).toLowerCase() === SCHEME;

const invalid = (detail: string) => new ProblemError("invalid_url", detail);

/** The object that an address names, if this service reads its bucket for this tenant. Problems: `invalid_url`, `source_address_refused`. */
export function s3Object(
  text: string,
  { s3AllowedBuckets }: Pick<Configuration, "s3AllowedBuckets">,
  tenant: string,
): S3Object {
  const rest = text.slice(SCHEME.length);
  const slash = rest.indexOf("/");
  const [bucket, key] = slash < 0 ? [rest, ""] : [rest.slice(0, slash), rest.slice(slash + 1)];
  if (bucket === "" || key === "") throw invalid("Give the whole address: s3://bucket/key.");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(key) || !key.isWellFormed())
    throw invalid("The key has characters that cannot be sent; use printable ones.");
  if (new TextEncoder().encode(text).length > MAX_BYTES)
    throw invalid(`An s3:// address has at most ${MAX_BYTES} bytes.`);
  if (key.split("/").some((segment) => segment === "." || segment === ".."))
    throw invalid("A key has no segments . or .. here.");
  const isAllowed = s3AllowedBuckets.some(
    (one) => one.bucket === bucket && (one.tenant === tenant || one.tenant === "*"),
  );
  if (!isAllowed) {
    throw new ProblemError(
      "source_address_refused",
      "This service does not read that bucket for you. Its operator lists each tenant's buckets in S3_ALLOWED_BUCKETS.",
    );
  }
  return { bucket, key };
}
