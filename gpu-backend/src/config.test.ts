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
  describe("makes memory fit", () => {
    const GIBIBYTE = 1024 ** 3;
    const container = (gibibytes: number) => ({ totalBytes: gibibytes * GIBIBYTE, isLimit: true });
    const sum = ({ limits, limiter, indexMaxBytes, index }: ReturnType<typeof readConfig>) =>
      limiter.maxRunning * (limits.memoryBytes + limits.readingMemoryBytes + limits.maxFrameBytes) +
      (index === "embedded" ? indexMaxBytes : 0) +
      0.5 * GIBIBYTE;

    it.each([2, 3, 4, 6, 8, 16, 64])("of a container of %i GiB, by itself", (gibibytes) => {
      for (const index of ["embedded", "qdrant"]) {
        const config = readConfig({ ...SECRET, TWINFRAME_INDEX: index }, container(gibibytes));
        expect(sum(config)).toBeLessThanOrEqual(gibibytes * GIBIBYTE);
        expect(config.limits.memoryBytes).toBeGreaterThanOrEqual(384 * 1024 ** 2);
        if (gibibytes >= 8) expect(config.limiter.maxRunning).toBe(4);
      }
    });
    it("of a machine, which has other programs, too", () => {
      const config = readConfig(SECRET, { totalBytes: 24 * GIBIBYTE, isLimit: false });
      expect(config).toMatchObject({ limiter: { maxRunning: 4 }, indexMaxBytes: 4 * GIBIBYTE });
      expect(sum(config)).toBeLessThanOrEqual(18 * GIBIBYTE);
    });
    it("beside what is given", () => {
      const given = { TWINFRAME_MAX_CONCURRENT_ANALYSES: "2", TWINFRAME_INDEX_MAX_BYTES: `${GIBIBYTE}` };
      const config = readConfig({ ...SECRET, ...given }, container(6));
      expect(config).toMatchObject({ limiter: { maxRunning: 2 }, indexMaxBytes: GIBIBYTE });
      expect(sum(config)).toBeCloseTo(6 * GIBIBYTE, -2);
      expect(config.limits.memoryBytes).toBe(1.75 * GIBIBYTE);
    });
    it("or says which settings to lower", () => {
      const read = (settings: Record<string, string>, gibibytes: number) => () =>
        readConfig({ ...SECRET, ...settings }, container(gibibytes));
      for (const name of ["INDEX_MAX_BYTES", "MAX_CONCURRENT_ANALYSES", "MEDIA_MEMORY_BYTES"])
        expect(read({}, 1)).toThrow(`lower TWINFRAME_${name}`);
      expect(read({ TWINFRAME_INDEX_MAX_BYTES: `${4 * GIBIBYTE}` }, 4)).toThrow(/4096 MiB for the index/);
      expect(read({ TWINFRAME_MAX_CONCURRENT_ANALYSES: "8" }, 4)).toThrow(/8 analyses at once/);
      expect(read({ TWINFRAME_MEDIA_MEMORY_BYTES: `${4 * GIBIBYTE}` }, 4)).toThrow(/container's limit/);
    });
  });
  it("takes weights of tenants, and refuses what is none", () => {
    const weights = (text: string) =>
      readConfig({ ...SECRET, TWINFRAME_TENANT_WEIGHTS: text }).limiter.weights;
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
