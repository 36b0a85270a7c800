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
