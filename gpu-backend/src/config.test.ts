import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

const SECRET = { TWINFRAME_SIGNING_SECRET: "s".repeat(32) };

describe("readConfig", () => {
  it("has a default for everything but the secret", () => {
    expect(readConfig(SECRET)).toMatchObject({ host: "127.0.0.1", port: 8080, executionProviders: ["cpu"] });
    expect(() => readConfig({})).toThrow(/TWINFRAME_SIGNING_SECRET/);
  });
  it("reads lists and numbers, and takes an empty setting for none", () => {
    const config = readConfig({
      ...SECRET,
      TWINFRAME_EXECUTION_PROVIDERS: "cuda, cpu",
      TWINFRAME_BACKEND_PORT: "0",
      TWINFRAME_HWACCEL: "",
    });
    expect(config).toMatchObject({ executionProviders: ["cuda", "cpu"], port: 0 });
    expect(config.sampling.hwaccel).toBeUndefined();
  });
  it("takes a model by its name, or a manifest by its path", () => {
    const manifest = (environment: Record<string, string>) =>
      readConfig({ ...SECRET, ...environment }).modelManifest;
    expect(manifest({})).toMatch(/gpu-backend\/models\/manifest\.json$/);
    expect(manifest({ TWINFRAME_MODEL: "luma-dct" })).toMatch(/models\/luma-dct\/manifest\.json$/);
    expect(manifest({ TWINFRAME_MODEL: "/srv/sscd/manifest.json" })).toBe("/srv/sscd/manifest.json");
    expect(manifest({ TWINFRAME_MODEL: "manifest.json" })).toBe(resolve("manifest.json"));
    expect(manifest({ TWINFRAME_MODEL: "..", TWINFRAME_MODEL_MANIFEST: "x" })).toBe(resolve(".."));
    expect(manifest({ TWINFRAME_MODEL_MANIFEST: "/srv/m.json" })).toBe("/srv/m.json");
  });
  it("takes the embedded index unless Qdrant is asked for, and only a Qdrant that it can speak to", () => {
    expect(readConfig(SECRET)).toMatchObject({ index: "embedded", qdrant: { prefix: "twinframe" } });
    const chosen = { TWINFRAME_INDEX: "qdrant", TWINFRAME_QDRANT_URL: "http://qdrant:6333" };
    expect(readConfig({ ...SECRET, ...chosen })).toMatchObject({
      index: "qdrant",
      qdrant: { url: "http://qdrant:6333", apiKey: undefined },
    });
    expect(() => readConfig({ ...SECRET, TWINFRAME_QDRANT_URL: "file:///etc" })).toThrow(/QDRANT_URL/);
    expect(() => readConfig({ ...SECRET, TWINFRAME_QDRANT_PREFIX: "a_b" })).toThrow(/QDRANT_PREFIX/);
  });
  it("takes weights of tenants, and refuses what is none", () => {
    const weights = (text: string) => readConfig({ ...SECRET, TWINFRAME_TENANT_WEIGHTS: text }).slots.weights;
    expect([...weights("")]).toEqual([]);
    expect([...weights("acme=4, other=0.5")]).toEqual([
      ["acme", 4],
      ["other", 0.5],
    ]);
    for (const wrong of ["acme", "acme=x", "acme=0", "=2"])
      expect(() => weights(wrong)).toThrow(/TWINFRAME_TENANT_WEIGHTS/);
  });
  it("names every setting to correct, without its value", () => {
    const wrong = {
      TWINFRAME_SIGNING_SECRET: "tooshort",
      TWINFRAME_BACKEND_PORT: "99999",
      TWINFRAME_HWACCEL: "a; b",
    };
    let message = "";
    try {
      readConfig(wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const name of Object.keys(wrong)) expect(message).toContain(name);
    expect(message).not.toContain("tooshort");
  });
});
