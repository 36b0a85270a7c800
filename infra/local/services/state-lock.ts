import { join } from "node:path";
import { takeLock } from "../pid-lock.mjs";

/** Keeps a state folder for this process. Two at once would write over each other's files. */
export async function lockState(stateDir: string): Promise<() => void> {
  const lock = await takeLock(join(stateDir, "in-use.lock"));
  if (lock.release !== undefined) return lock.release;
  throw new StateInUse(stateDir, lock.heldBy);
}

class StateInUse extends Error {
  constructor(stateDir: string, pid: number) {
    super(
      `The state folder ${stateDir} is in use by process ${pid}. Stop that one (kill ${pid}), or set ` +
        "TWINFRAME_STATE to another folder.",
    );
  }
}
