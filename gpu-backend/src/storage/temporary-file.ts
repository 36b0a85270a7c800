// A stream written to a temporary file, counted and hashed on its way.

import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ProblemError } from "@twinframe/shared/problem";
import type { FetchedVideo, FetchOptions } from "./video-store.ts";

const PREFIX = "twinframe-video-";

/** Readable by the user that root switches to for ffmpeg; the folder lets nobody else in. */
const MODE = process.getuid?.() === 0 ? 0o644 : 0o600;

/**
 * Writes `body` to a new file. Problems: `video_too_large`, `source_timeout` (no byte for `idleMs`),
 * `source_failed` (broken off, or not the content expected). The file is gone when this rejects.
 */
export async function writeTemporaryFile(
  body: Readable,
  options: FetchOptions,
  idleMs: number,
): Promise<FetchedVideo> {
  const file = join(resolve(options.directory), `${PREFIX}${randomUUID()}`);
  const discard = () => rm(file, { force: true });
  const hash = createHash("sha256");
  let bytes = 0;
  const watch = setTimeout(() => body.destroy(idleProblem()), idleMs);
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      watch.refresh();
      bytes += chunk.length;
      if (bytes > options.maxBytes) return done(tooLarge(options.maxBytes));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const target = createWriteStream(file, { flags: "wx", mode: MODE });
    await pipeline(body, meter, target, options.signal ? { signal: options.signal } : {});
    const sha256 = hash.digest("hex");
    if (options.expectedSha256 !== undefined && sha256 !== options.expectedSha256)
      throw new ProblemError(
        "source_failed",
        "The stored video is not the one that was asked about. Try again.",
      );
    return { file, bytes, sha256, [Symbol.asyncDispose]: discard };
  } catch (error) {
    await discard();
    options.signal?.throwIfAborted();
    if (isLocal(error)) throw error;
    throw brokenOff(error);
  } finally {
    clearTimeout(watch);
  }
}

/** Removes what a process that was killed left behind; to be called before the first fetch. */
export async function removeLeftoverVideos(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(PREFIX));
  await Promise.all(names.map((name) => rm(join(directory, name), { force: true })));
}

export function tooLarge(maxBytes: number): ProblemError {
  const mebibytes = (maxBytes / 1024 ** 2).toFixed(1);
  return new ProblemError("video_too_large", `The video is larger than the ${mebibytes} MiB allowed.`);
}

/** What ended the reading, as a problem. */
export function brokenOff(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError("source_failed", "The video broke off while it was read. Try again.", {
    cause: error,
  });
}

export function idleProblem(): ProblemError {
  return new ProblemError("source_timeout", "The video stopped coming while it was read. Try again.");
}

/** A full or missing disk is our fault, not the source's: it must not read as the source's failure. */
function isLocal(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return ["ENOSPC", "EACCES", "ENOENT", "EROFS", "EDQUOT", "EIO", "EMFILE"].includes(code);
}
