import { defineConfig } from "vite";

/**
 * Node strips types but knows no JSX, so this package is built, into one file: reading the hundred
 * modules of react-email one by one would take longer than sending the first mail.
 */
export default defineConfig({
  // React chooses between its two builds by this when it starts: chosen here, only one is bundled.
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  // Prettier is imported only to indent a mail for reading, which is never asked for.
  ssr: { noExternal: true, external: ["prettier"] },
  build: {
    ssr: "src/index.ts",
    target: "node24",
    minify: true,
    rolldownOptions: { output: { codeSplitting: false } },
  },
});
