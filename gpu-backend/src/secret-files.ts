// Secrets as files, the way containers are given them: NAME_FILE names a file that holds what NAME would.

import { readFileSync } from "node:fs";

const SECRETS = [
  "TWINFRAME_SIGNING_SECRET",
  "TWINFRAME_SIGNING_SECRET_PREVIOUS",
  "TWINFRAME_QDRANT_API_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
] as const;

/** Puts them into the environment, where the S3 client looks, too. What is there already counts. */
export function readSecretFiles(environment: Record<string, string | undefined>): void {
  for (const name of SECRETS) {
    const file = environment[`${name}_FILE`];
    if (!file || environment[name]) continue;
    try {
      environment[name] = readFileSync(file, "utf8").trim();
    } catch (error) {
      throw new Error(
        `${name}_FILE names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`,
      );
    }
  }
}
