// Snapshot files of the embedded index store: an index file each, and a description, which is written last. A file
// without a description is no snapshot. Both may be kept elsewhere and put back into the folder of any installation.

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Schema, snapshotSchema } from "@twinframe/shared/contract";
import type { z } from "zod";
import type { SnapshotInfo, StoreWork } from "../index-store.ts";

const descriptionSchema = snapshotSchema.extend({ sha256: sha256Schema });
type Description = z.infer<typeof descriptionSchema>;

export interface KeptSnapshot {
  info: SnapshotInfo;
  sha256: string;
  file: string;
}

type Watched = Pick<StoreWork, "onProgress" | "signal">;

/** Reads a file to its end; into another one, too, where `to` is given, which is then on the disk. */
export async function sha256OfFile(
  file: string,
  { onProgress, signal }: Watched,
  to?: string,
): Promise<string> {
  const { size } = await stat(file);
  const hash = createHash("sha256");
  let read = 0;
  async function* hashed(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      read += chunk.length;
      onProgress?.(size === 0 ? 1 : read / size);
      if (to !== undefined) yield chunk;
    }
  }
  const options = signal ? { signal } : {};
  const source = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (to === undefined)
    await pipeline(
      source,
      hashed,
      async (chunks) => {
        for await (const _ of chunks);
      },
      options,
    );
  else await pipeline(source, hashed, createWriteStream(to, { flush: true }), options);
  return hash.digest("hex");
}

/** A rename has reached the disk when its folder has. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export class SnapshotFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes drafts of an earlier process. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const name of await readdir(this.#folder))
      if (/\.part(-journal)?$/.test(name)) await rm(join(this.#folder, name), { force: true });
  }

  fileOf(id: string): string {
    return join(this.#folder, `${id}.sqlite`);
  }
  draftOf(id: string): string {
    return join(this.#folder, `${id}.sqlite.part`);
  }
  #descriptionOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  /** The oldest first. */
  async list(): Promise<SnapshotInfo[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".json"));
    const kept = await Promise.all(names.map((name) => this.find(name.slice(0, -".json".length))));
    return kept
      .filter((snapshot) => snapshot !== null)
      .map(({ info }) => info)
      .sort((a, b) =>
        a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1,
      );
  }

  async find(id: string): Promise<KeptSnapshot | null> {
    const text = await readFile(this.#descriptionOf(id), "utf8").catch(() => null);
    if (text === null) return null;
    const { sha256, created_at: createdAt, ...rest } = descriptionSchema.parse(JSON.parse(text));
    return { info: { ...rest, id, createdAt }, sha256, file: this.fileOf(id) };
  }

  /** Makes a draft the snapshot. */
  async keep({ createdAt, ...info }: SnapshotInfo, sha256: string): Promise<void> {
    const description: Description = { ...info, created_at: createdAt, sha256 };
    const draft = `${this.#descriptionOf(info.id)}.part`;
    await rename(this.draftOf(info.id), this.fileOf(info.id));
    try {
      const handle = await open(draft, "w");
      try {
        await handle.writeFile(`${JSON.stringify(description, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, this.#descriptionOf(info.id));
      await flushFolder(this.#folder);
    } catch (error) {
      await rm(draft, { force: true });
      await rm(this.fileOf(info.id), { force: true });
      throw error;
    }
  }

  async removeDraft(id: string): Promise<void> {
    await rm(this.draftOf(id), { force: true });
    await rm(`${this.draftOf(id)}-journal`, { force: true });
  }

  /** The description goes first: a crash leaves no snapshot that cannot be restored. */
  async remove(id: string): Promise<boolean> {
    const wasThere = await rm(this.#descriptionOf(id)).then(
      () => true,
      () => false,
    );
    await rm(this.fileOf(id), { force: true });
    await flushFolder(this.#folder);
    return wasThere;
  }
}
