import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSecrets } from "./secrets.ts";
import { tempFolder } from "./temp-folder.ts";

test("local secrets are made once, kept, and readable by their owner alone", () => {
  const folder = join(tempFolder(), "state");
  const first = loadSecrets(folder);
  expect(first.apiKey).toMatch(/^tf_dev_[\w-]{32}$/);
  expect(first.signingSecret).toMatch(/^[0-9a-f]{64}$/);
  expect(first.webhookSecretKey).toMatch(/^[0-9a-f]{64}$/);
  expect(first.webhookSecretKey).not.toBe(first.signingSecret);
  expect(loadSecrets(folder)).toEqual(first);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(loadSecrets(join(tempFolder(), "other"))).not.toEqual(first);
});

test("a secrets file that others can read gets mode 0600", () => {
  const folder = tempFolder();
  loadSecrets(folder);
  chmodSync(join(folder, "secrets.json"), 0o644);
  loadSecrets(folder);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
});

test("TWINFRAME_API_KEY replaces the stored API key; the signing secret stays", () => {
  const folder = tempFolder();
  const others = loadSecrets(folder);
  const given = "a-key-of-my-own-choice";
  expect(loadSecrets(folder, given)).toEqual({ ...others, apiKey: given });
  expect(loadSecrets(folder)).toEqual({ ...others, apiKey: given });
});

test("a state folder without a webhook secret key gets one, and keeps the signing secret as the previous key", () => {
  const folder = tempFolder();
  const old = { signingSecret: "5".repeat(64), apiKey: "tf_dev_of_an_earlier_version" };
  writeFileSync(join(folder, "secrets.json"), JSON.stringify(old));
  const secrets = loadSecrets(folder);
  expect(secrets).toEqual({
    ...old,
    webhookSecretKey: expect.stringMatching(/^[0-9a-f]{64}$/),
    previousWebhookSecretKey: old.signingSecret,
  });
  expect(secrets.webhookSecretKey).not.toBe(old.signingSecret);
  expect(loadSecrets(folder)).toEqual(secrets);
});

test("an API key that no header can carry is refused, and the stored one kept", () => {
  const folder = tempFolder();
  const before = loadSecrets(folder);
  for (const key of [
    "short",
    "has spaces in the middle",
    "line\nbreak-in-the-middle",
    "ключ-ключ-ключ-ключ",
  ]) {
    expect(() => loadSecrets(folder, key)).toThrow("TWINFRAME_API_KEY must have 16 to 200 characters");
  }
  expect(loadSecrets(folder)).toEqual(before);
});

test("a damaged secrets file is not overwritten", () => {
  const folder = tempFolder();
  const file = join(folder, "secrets.json");
  for (const text of ["", "{", '{"apiKey": "only-one-of-the-two"}']) {
    writeFileSync(file, text);
    expect(() => loadSecrets(folder)).toThrow(`${file} is damaged. Remove it`);
    expect(readFileSync(file, "utf8")).toBe(text);
  }
});
