import { expect, test } from "vitest";
import { readStartSettings } from "./start-settings.ts";

test("npm start has defaults for state folder, ports and key", () => {
  expect(readStartSettings({ PATH: "/bin", TWINFRAME_EDGE_PORT: "" })).toEqual({
    stateDir: "./.twinframe",
    edgePort: 8787,
    backendPort: 8080,
    apiKey: undefined,
    edgeVars: {},
  });
});

test("npm start passes the Worker its own settings and no other variables", () => {
  const edgeVars = {
    INTAKE_ALLOWED_HOSTS: "127.0.0.1:9000",
    INTAKE_MAX_BYTES: "5",
    QUOTA_KEY_PER_DAY: "9",
    KEEP_ORIGINALS: "true",
    METRICS_TOKEN: "token",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
  };
  expect(
    readStartSettings({ ...edgeVars, SIGNING_SECRET: "x", OTEL_SERVICE_NAME: "x", HOME: "/" }).edgeVars,
  ).toEqual(edgeVars);
});

test("an invalid port is refused by the setting's name", () => {
  for (const text of ["abc", "-1", "65536", "80.5", "0x50", " "]) {
    expect(() => readStartSettings({ TWINFRAME_BACKEND_PORT: text })).toThrow(
      `TWINFRAME_BACKEND_PORT is "${text}"`,
    );
  }
  expect(() => readStartSettings({ TWINFRAME_EDGE_PORT: "8080" })).toThrow("give two different ports");
  expect(readStartSettings({ TWINFRAME_EDGE_PORT: "0", TWINFRAME_BACKEND_PORT: "0" }).edgePort).toBe(0);
});
