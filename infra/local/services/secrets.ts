// The secrets of one state folder: made at the first start, the same ever after.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

export interface LocalSecrets {
  signingSecret: string;
  apiKey: string;
}

/** Reads the folder's secrets or makes them. A key that is given takes the place of the one before. */
export function loadSecrets(stateDir: string, givenApiKey?: string): LocalSecrets {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  if (givenApiKey !== undefined) checkApiKey(givenApiKey);
  const file = join(stateDir, "secrets.json");
  const kept = readSecrets(file);
  const secrets: LocalSecrets = {
    signingSecret: kept?.signingSecret ?? randomBytes(32).toString("hex"),
    apiKey: givenApiKey ?? kept?.apiKey ?? `tf_dev_${randomBytes(24).toString("base64url")}`,
  };
  writePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

export function apiKeySha256(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex");
}

function readSecrets(file: string): LocalSecrets | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    const { signingSecret, apiKey } = JSON.parse(text);
    if (typeof signingSecret === "string" && typeof apiKey === "string") return { signingSecret, apiKey };
  } catch {
    // Said below, for a file that parses but lacks something as well.
  }
  throw new Error(`${file} is damaged. Remove it: the next start makes a new signing secret and API key.`);
}

function checkApiKey(key: string): void {
  if (!/^[\x21-\x7e]{16,200}$/.test(key)) {
    throw new Error(
      "TWINFRAME_API_KEY must have 16 to 200 characters: letters, digits and signs, no spaces.",
    );
  }
}
