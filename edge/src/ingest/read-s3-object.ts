// What an s3:// address holds. The backend has the S3 client, so it reads the object once for its hash; the
// analysis then reads it again and refuses it when it has changed.

import { askBackend } from "../backend-client/backend-questions.ts";
import { fromBase64 } from "../platform/base64.ts";
import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";
import { s3Object } from "./s3-address.ts";
import { refuseNonVideo } from "./sniff.ts";
import { sourceTimeout } from "./video-origin.ts";

export async function readS3Object(
  config: Configuration,
  tenant: string,
  address: string,
  signal?: AbortSignal,
): Promise<{ sha256: string; bytes: number }> {
  const { maxBytes, timeoutMs } = config.intake;
  const question = { kind: "digest" as const, ...s3Object(address, config, tenant), max_bytes: maxBytes };
  const reading = askBackend(config, { tenant, question }, ["digest", address, maxBytes], signal);
  const { sha256, bytes, head_base64 } = await within(reading, {
    ms: timeoutMs,
    expired: sourceTimeout,
    signal,
  });
  refuseNonVideo(fromBase64(head_base64));
  return { sha256, bytes };
}
