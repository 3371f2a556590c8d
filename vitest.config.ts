import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Each runs many processes and engines of its own: beside each other they would only wait. */
const crowded = [
  "test/crash/cluster.test.ts",
  "test/faults/migrate.test.ts",
  "test/scenarios/**/*.test.ts",
];

/** Set by whoever found no browser, and said so. */
const withoutBrowser = process.env.TEST_WITHOUT_BROWSER ? ["test/browser/**"] : [];

export default defineConfig({
  test: {
    // Browsers, servers and hashes share the machine with the tests beside them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["{packages,apps}/*/src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...crowded, ...withoutBrowser],
          // Most of the time a test waits: for a server that starts, a flush, a page.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "crowded",
          include: crowded,
          testTimeout: 240_000,
          maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
