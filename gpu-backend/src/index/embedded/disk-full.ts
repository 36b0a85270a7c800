// The error of a full disk, as SQLite and the file system report it, under one code.

const SQLITE_FULL = 13;

const isDiskFull = (error: unknown) => {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === SQLITE_FULL;
};

/** The error of a full disk with the code `index_full` and a message that says so; any other error unchanged. */
export function namingFullDisk(error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  const message =
    "the disk that holds the index is full: make room on it and ask again; what was acknowledged is kept";
  return Object.assign(new Error(message, { cause: error }), { code: "index_full" });
}

export function sayingDiskFull<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw namingFullDisk(error);
  }
}
