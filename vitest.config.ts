import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

// The projects stay apart: with the browser conditions that Solid needs, `mqtt` would be its browser build in hub tests,
// and they would hang.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          include: ["device-drivers/**/*.test.ts", "hub/**/*.test.ts"],
          exclude: ["**/node_modules/**", "hub/test/browser/**"],
          pool: "forks", // a crash in a native package takes one file with it, not the run
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        plugins: [solid()],
        test: {
          name: "pwa",
          environment: "node",
          include: ["pwa/src/**/*.test.{ts,tsx}"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "browser",
          environment: "node",
          include: ["hub/test/browser/**/*.test.ts"],
          globalSetup: ["hub/test/browser/setup.ts"],
          fileParallelism: false, // one Chromium at a time is all that a small machine carries
          sequence: { groupOrder: 1 }, // after the others, so that they do not slow each other down
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
