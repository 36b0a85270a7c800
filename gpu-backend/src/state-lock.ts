// One backend a state folder: it holds the index's files, whose memory another process would not see change, and
// videos that the next start removes. The lock is the operating system's, on a file that is never written: it ends
// with the process, however that ends, and holds between containers that share a volume on one machine.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

const LOCK_FILE = "in-use.sqlite";
/** A backend that has just been told to stop may still be closing. */
const WAIT_MS = 2_000;
const SQLITE_BUSY = 5;

export interface StateLock {
  release(): void;
}

/** Throws, with what to do, while another process has it. */
export function lockState(folder: string): StateLock {
  mkdirSync(folder, { recursive: true });
  const db = new DatabaseSync(join(folder, LOCK_FILE));
  try {
    db.exec(`PRAGMA busy_timeout = ${WAIT_MS}; BEGIN EXCLUSIVE`);
  } catch (cause) {
    db.close();
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new Error(
      `another backend, or move-index, is at work on the state folder ${resolve(folder)}: stop that one, or give this one a folder of its own (TWINFRAME_BACKEND_STATE); several backends share an index on Qdrant (TWINFRAME_INDEX=qdrant), each with its own folder`,
      { cause },
    );
  }
  return { release: () => db.close() };
}
