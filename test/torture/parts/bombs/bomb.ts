// What the bombs are made with.

import { execFile } from "node:child_process";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

async function ffmpeg(words: Words, output: string[], signal: AbortSignal): Promise<void> {
  const args = ["-nostdin", "-v", "error", "-y", ...wordsOf(words), ...output];
  await execute("ffmpeg", args, { signal, maxBuffer: 1 << 24 }).catch(({ stderr = "" }) => {
    signal.throwIfAborted();
    throw new Error(`ffmpeg cannot make the file: ${stderr.trim().split("\n").at(-1)}`);
  });
}

export interface Bomb {
  kind: string;
  /** Whether nothing of the file is missing or false: then that may not be the answer. */
  isWhole: boolean;
  /** A file's name, whose ending says the container. */
  name: string;
  /** Makes it at `path`, unless it is there from before; gives the path. */
  make(path: string, random: () => number, signal: AbortSignal): Promise<string>;
}

type Words = string | readonly string[];
const wordsOf = (words: Words) => (typeof words === "string" ? words.split(" ").filter(Boolean) : words);

/** ffmpeg's arguments up to the output. */
export function madeByFfmpeg(kind: string, name: string, words: Words): Bomb {
  return {
    kind,
    name,
    isWhole: true,
    make: (path, _random, signal) => once(path, (draft) => ffmpeg(words, [draft], signal)),
  };
}

/** From other bytes each seed and case; made anew each time. */
export function madeOfBytes(kind: string, name: string, bytes: (random: () => number) => Buffer): Bomb {
  return {
    kind,
    name,
    isWhole: false,
    make: async (path, random) => {
      writeFileSync(path, bytes(random));
      return path;
    },
  };
}

/** Of a clip that ffmpeg makes beside it. */
export function madeOfClip(
  kind: string,
  name: string,
  words: Words,
  change: (clip: Buffer, random: () => number) => Buffer,
): Bomb {
  const clip = madeByFfmpeg(kind, name, words);
  return {
    kind,
    name,
    isWhole: false,
    make: async (path, random, signal) => {
      const { readFileSync } = await import("node:fs");
      const made = await clip.make(`${path}.clip.${name.split(".").at(-1)}`, random, signal);
      writeFileSync(path, change(readFileSync(made), random));
      return path;
    },
  };
}

/** Two steps or more: `make` gets the path of the result and a place for what comes before. */
export function madeInSteps(
  kind: string,
  name: string,
  make: (draft: string, before: string, ffmpeg: (words: Words) => Promise<void>) => Promise<void>,
): Bomb {
  return {
    kind,
    name,
    isWhole: true,
    make: (path, _random, signal) =>
      once(path, async (draft) => {
        const before = `${path}.before`;
        await make(draft, before, (words) => ffmpeg(words, [], signal));
        rmSync(before, { force: true });
      }),
  };
}

/** Under another name until it is whole. */
async function once(path: string, make: (draft: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path;
  const draft = path.replace(/(\.\w+)$/, ".draft$1");
  await make(draft);
  renameSync(draft, path);
  return path;
}

/** An ISO media box; 64-bit sizes, true or not, by `size`. */
export function box(type: string, content: Buffer, size?: bigint): Buffer {
  const header = Buffer.alloc(size === undefined ? 8 : 16);
  header.writeUInt32BE(size === undefined ? content.length + 8 : 1, 0);
  header.write(type, 4, "latin1");
  if (size !== undefined) header.writeBigUInt64BE(size, 8);
  return Buffer.concat([header, content]);
}

/** Sets the 32 bits that come `offset` bytes after each `type` in the file. */
export function setAfter(file: Buffer, type: string, offset: number, value: number): Buffer {
  const changed = Buffer.from(file);
  for (let at = changed.indexOf(type); at >= 0; at = changed.indexOf(type, at + 1))
    if (at + offset + 4 <= changed.length) changed.writeUInt32BE(value >>> 0, at + offset);
  return changed;
}
