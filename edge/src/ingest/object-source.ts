import type { VideoSource } from "@twinframe/shared/contract";
import { signUrl } from "@twinframe/shared/signing";
import type { Configuration } from "../platform/configuration.ts";
import { isS3Address, s3Object } from "./s3-address.ts";

export const OBJECT_PATH_PREFIX = "/internal/objects/";

/** Long enough for an analysis that waits its turn; a retried call brings a fresh link. */
const LINK_LIFE_S = 3600;

/** Where the backend reads an object of this tenant: from the bucket itself, or over a signed link to this Worker. */
export async function objectSource(config: Configuration, tenant: string, key: string): Promise<VideoSource> {
  // A bucket that the settings no longer give this tenant is refused.
  if (isS3Address(key)) return { kind: "object", ...s3Object(key, config, tenant) };
  if (config.objectBucketName !== undefined) {
    return { kind: "object", bucket: config.objectBucketName, key };
  }
  const url = new URL(`${config.edgeOrigin}${OBJECT_PATH_PREFIX}${key}`);
  const signed = await signUrl(config.signingSecrets[0], url, Date.now() / 1000 + LINK_LIFE_S);
  return { kind: "url", url: signed.href };
}
