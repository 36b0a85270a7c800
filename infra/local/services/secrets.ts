// The secrets of one state folder: made at the first start, the same ever after.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

export interface LocalSecrets {
  signingSecret: string;
  /** Seals the webhooks' secrets; what another sealed before is opened by `previousWebhookSecretKey`. */
  webhookSecretKey: string;
  previousWebhookSecretKey?: string;
  apiKey: string;
}

/** Reads the folder's secrets or makes them. A key that is given takes the place of the one before. */
export function loadSecrets(stateDir: string, givenApiKey?: string): LocalSecrets {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  if (givenApiKey !== undefined) checkApiKey(givenApiKey);
  const file = join(stateDir, "secrets.json");
  const kept = readSecrets(file);
  const secrets: LocalSecrets = {
    ...(kept ?? { signingSecret: newSecret(), webhookSecretKey: newSecret() }),
    apiKey: givenApiKey ?? kept?.apiKey ?? `tf_dev_${randomBytes(24).toString("base64url")}`,
  };
  writePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

const newSecret = () => randomBytes(32).toString("hex");

/** Folders of before the webhooks had a key of their own: the signing secret sealed them. */
function withWebhookKey(kept: Omit<LocalSecrets, "webhookSecretKey">): LocalSecrets {
  return { ...kept, webhookSecretKey: newSecret(), previousWebhookSecretKey: kept.signingSecret };
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
    const { signingSecret, apiKey, webhookSecretKey, previousWebhookSecretKey } = JSON.parse(text);
    if (typeof signingSecret !== "string" || typeof apiKey !== "string") throw new Error("incomplete");
    if (typeof webhookSecretKey !== "string") return withWebhookKey({ signingSecret, apiKey });
    const previous = typeof previousWebhookSecretKey === "string" ? { previousWebhookSecretKey } : {};
    return { signingSecret, apiKey, webhookSecretKey, ...previous };
  } catch {
    // Said below, for a file that parses but lacks something as well.
  }
  throw new Error(`${file} is damaged. Remove it: the next start makes new secrets and a new API key.`);
}

function checkApiKey(key: string): void {
  if (!/^[\x21-\x7e]{16,200}$/.test(key)) {
    throw new Error(
      "TWINFRAME_API_KEY must have 16 to 200 characters: letters, digits and signs, no spaces.",
    );
  }
}
