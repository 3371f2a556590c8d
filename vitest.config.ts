import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "test/**/*.test.ts"],
    // Browsers, servers and hashes share the machine with the tests beside them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
