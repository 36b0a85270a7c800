import { resolve } from "node:path";

/** A path as the user meant it: npm runs scripts in the repository's root, wherever it was called. */
export function userPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
