import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "test/**/*.test.ts"],
    // Most of the time a test waits: for a server that starts, a flush, a page.
    maxWorkers: availableParallelism() + 1,
    // Browsers, servers and hashes share the machine with the tests beside them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
