import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readSecretFiles } from "./secret-files.ts";

it("reads a secret from its file, unless it is given", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "secret");
  await writeFile(file, "from the file\n");
  const environment: Record<string, string | undefined> = {
    TWINFRAME_SIGNING_SECRET_FILE: file,
    AWS_SECRET_ACCESS_KEY: "given",
    AWS_SECRET_ACCESS_KEY_FILE: file,
    TWINFRAME_QDRANT_API_KEY_FILE: "",
    TWINFRAME_LOG_LEVEL_FILE: file,
  };
  readSecretFiles(environment);
  expect(environment).toMatchObject({
    TWINFRAME_SIGNING_SECRET: "from the file",
    AWS_SECRET_ACCESS_KEY: "given",
  });
  expect(environment.TWINFRAME_QDRANT_API_KEY).toBeUndefined();
  expect(environment.TWINFRAME_LOG_LEVEL).toBeUndefined();
});

it("names the setting of a file that it cannot read, and nothing of its content", () => {
  expect(() => readSecretFiles({ TWINFRAME_SIGNING_SECRET_FILE: "/nowhere/secret" })).toThrow(
    "TWINFRAME_SIGNING_SECRET_FILE names a file that cannot be read (ENOENT)",
  );
});
