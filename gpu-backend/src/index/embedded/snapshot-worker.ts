// The thread that copies and checks index files: both take long on a large index, whose own thread goes on
// answering from its connection meanwhile.

import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { ModelIdentity } from "@twinframe/shared/contract";
import { serveOperations } from "../../worker-operations.ts";
import { sayingDiskFull } from "./disk-full.ts";
import { INSTALLATION } from "./library-epochs.ts";

const BUSY_TIMEOUT = "PRAGMA busy_timeout = 5000";

export interface CheckedFile {
  references: number;
}

function flush(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** As the index is at one moment, without the room of deleted entries. `to` must not exist. */
function copy(from: string, to: string): void {
  const db = new DatabaseSync(from);
  try {
    db.exec(BUSY_TIMEOUT);
    db.prepare("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
  flush(to);
}

/** Throws, with what is wrong, unless the file is a whole index of this model. */
function check(file: string, model: ModelIdentity, dims: number): CheckedFile {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const faults = db.prepare("PRAGMA integrity_check(3)").all();
    const found = faults.map(({ integrity_check }) => integrity_check).join("; ");
    if (found !== "ok") throw new Error(found);
    const meta = new Map(
      db
        .prepare("SELECT key, value FROM meta")
        .all()
        .map(({ key, value }) => [key, value]),
    );
    if (meta.get("model") !== `${model.id}@${model.version}` || meta.get("dims") !== String(dims))
      throw new Error(`it is of ${meta.get("model")} with ${meta.get("dims")} dimensions`);
    const counted = db.prepare("SELECT count(*) AS count FROM reference_tracks").get();
    return { references: Number(counted?.count) };
  } finally {
    db.close();
  }
}

/** Unclaims a restored index: it belongs to no installation until the edge has compared it with its own rows. */
function release(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(`${BUSY_TIMEOUT}; PRAGMA synchronous = FULL; DELETE FROM meta WHERE key = '${INSTALLATION}'`);
  } finally {
    db.close();
  }
}

serveOperations({
  copy: ({ from, to }: { from: string; to: string }) => ({ output: sayingDiskFull(() => copy(from, to)) }),
  check: ({ file, model, dims }: { file: string; model: ModelIdentity; dims: number }) => ({
    output: check(file, model, dims),
  }),
  release: ({ file }: { file: string }) => ({ output: sayingDiskFull(() => release(file)) }),
});
