import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Much of a test's time is waiting for a process that starts: two files at a time, also on two cores.
    maxWorkers: 2,
    projects: [
      { test: { name: "shared", include: ["shared/src/**/*.test.ts"] } },
      {
        test: {
          name: "gpu-backend",
          include: ["gpu-backend/src/**/*.test.ts", "gpu-backend/test/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      "edge/vitest.config.ts",
      {
        test: {
          name: "local",
          include: [
            "infra/**/*.test.ts",
            "evaluation/**/*.test.ts",
            "bench/**/*.test.ts",
            "test/torture/**/*.test.ts",
          ],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/global-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // Apart from the others: its services are shared, and it kills some of them.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
