// Videos in an S3-compatible object store (S3, R2, MinIO).

import type { Readable } from "node:stream";
import { GetObjectCommand, S3Client, type S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3";
import { ProblemError } from "@twinframe/shared/problem";
import { tooLarge, writeTemporaryFile } from "./temporary-file.ts";
import {
  DEFAULT_FETCH_TIMEOUTS,
  type FetchOptions,
  type FetchTimeouts,
  type ObjectSource,
  type VideoStore,
} from "./video-store.ts";

export interface ObjectStoreOptions {
  /** Credentials come from the environment (AWS_ACCESS_KEY_ID …, or the SDK's other sources). */
  region: string;
  /** For stores that are not Amazon's. */
  endpoint?: string | undefined;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`: MinIO and most local stores. */
  pathStyle?: boolean;
  allowedBuckets: readonly string[];
  /** Requests made before a failure counts, the first included. */
  maxAttempts?: number;
  timeouts?: FetchTimeouts;
}

export interface ObjectStore extends VideoStore<ObjectSource> {
  /** Closes its connections. */
  close(): void;
}

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const allowedBuckets = new Set(options.allowedBuckets);
  const timeouts = options.timeouts ?? DEFAULT_FETCH_TIMEOUTS;
  const client = new S3Client(clientConfig(options, timeouts));
  return {
    async fetchToFile(source, fetchOptions) {
      if (!allowedBuckets.has(source.bucket) || hasDotSegment(source.key))
        throw new ProblemError(
          "source_address_refused",
          "The backend reads only the buckets that its configuration names.",
        );
      const { body, length } = await openObject(client, source, fetchOptions);
      if (length > fetchOptions.maxBytes) {
        body.on("error", () => {}).destroy();
        throw tooLarge(fetchOptions.maxBytes);
      }
      return await writeTemporaryFile(body, fetchOptions, timeouts.idleMs);
    },
    close: () => client.destroy(),
  };
}

/** A server that resolves `..` in a path would leave the bucket. */
function hasDotSegment(key: string): boolean {
  return key.split("/").some((segment) => segment === "." || segment === "..");
}

function clientConfig(options: ObjectStoreOptions, timeouts: FetchTimeouts): S3ClientConfig {
  return {
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    forcePathStyle: options.pathStyle ?? false,
    maxAttempts: options.maxAttempts ?? 3,
    // Stores that are not Amazon's know no trailing checksums; the content is checked by its SHA-256 here.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: timeouts.answerMs,
      requestTimeout: timeouts.answerMs,
      throwOnRequestTimeout: true,
    },
  };
}

async function openObject(client: S3Client, source: ObjectSource, { signal }: FetchOptions) {
  try {
    const answer = await client.send(
      new GetObjectCommand({ Bucket: source.bucket, Key: source.key }),
      signal ? { abortSignal: signal } : {},
    );
    // On Node the SDK gives a Node stream; its type allows the browser's as well.
    return { body: answer.Body as unknown as Readable, length: answer.ContentLength ?? 0 };
  } catch (error) {
    signal?.throwIfAborted();
    throw problemOf(error);
  }
}

function problemOf(error: unknown): ProblemError {
  const { name = "", code = "" } = error as { name?: string; code?: string };
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404)
    return new ProblemError("object_not_found", "The video is not in the object store. Send it again.");
  // The SDK calls a reset connection a time-out too.
  if (name === "TimeoutError" && code !== "ECONNRESET" && code !== "EPIPE")
    return new ProblemError("source_timeout", "The object store did not answer in time. Try again.");
  return new ProblemError("source_failed", "The object store did not give the video. Try again.", {
    cause: { name },
  });
}
