// Videos in an S3-compatible object store (S3, R2, MinIO).

import type { Readable } from "node:stream";
import { GetObjectCommand, S3Client, type S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3";
import { ProblemError } from "@twinframe/shared/problem";
import { type BytesDigest, digestBytes } from "./digest-bytes.ts";
import { tooLarge, writeTemporaryFile } from "./temporary-file.ts";
import {
  DEFAULT_FETCH_TIMEOUTS,
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

type ObjectAddress = Pick<ObjectSource, "bucket" | "key">;

interface ReadLimits {
  maxBytes: number;
  signal?: AbortSignal | undefined;
}

export interface ObjectStore extends VideoStore<ObjectSource> {
  /**
   * Reads a user's object once, keeping nothing of it. Problems: those of fetchToFile; one that is not there, or
   * not ours to read, is `source_rejected`.
   */
  digest(address: ObjectAddress, limits: ReadLimits): Promise<BytesDigest>;
  /** Closes its connections. */
  close(): void;
}

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const allowedBuckets = new Set(options.allowedBuckets);
  const timeouts = options.timeouts ?? DEFAULT_FETCH_TIMEOUTS;
  const client = new S3Client(clientConfig(options, timeouts));
  async function open(source: ObjectAddress, { maxBytes, signal }: ReadLimits): Promise<Readable> {
    if (!allowedBuckets.has(source.bucket) || hasDotSegment(source.key))
      throw new ProblemError(
        "source_address_refused",
        "The backend reads only the buckets that its configuration names.",
      );
    const { body, length } = await openObject(client, source, signal);
    if (length <= maxBytes) return body;
    body.on("error", () => {}).destroy();
    throw tooLarge(maxBytes);
  }
  return {
    async fetchToFile(source, fetchOptions) {
      const body = await open(source, fetchOptions);
      return await writeTemporaryFile(body, fetchOptions, timeouts.idleMs);
    },
    async digest(address, limits) {
      const body = await open(address, limits).catch((error) => Promise.reject(theUsersFault(error)));
      return await digestBytes(body, limits, timeouts.idleMs);
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

async function openObject(client: S3Client, source: ObjectAddress, signal: AbortSignal | undefined) {
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
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status === 404)
    return new ProblemError("object_not_found", "The video is not in the object store. Send it again.");
  // The SDK calls a reset connection a time-out too.
  if (name === "TimeoutError" && code !== "ECONNRESET" && code !== "EPIPE")
    return new ProblemError("source_timeout", "The object store did not answer in time. Try again.");
  return new ProblemError("source_failed", "The object store did not give the video. Try again.", {
    cause: { name, status },
  });
}

/** Of an object that a user named: what our own objects lack for a while, theirs lacks until they do something. */
function theUsersFault(error: unknown): unknown {
  if (!(error instanceof ProblemError)) return error;
  const { status } = (error.cause ?? {}) as { status?: number };
  if (error.code === "object_not_found")
    return new ProblemError("source_rejected", "There is no such object. Check the bucket and the key.");
  if (status === 403)
    return new ProblemError(
      "source_rejected",
      "The bucket refuses this object, or it is not there. Let the service's credentials read it.",
    );
  return error;
}
