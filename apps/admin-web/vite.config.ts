import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The manifest tells `npm run check` which chunks a page needs.
  build: { target: "es2023", chunkSizeWarningLimit: 600, manifest: true },
  // For work on the pages alone: `npx vite` here, beside a running server.
  server: { proxy: { "/trpc": "http://127.0.0.1:4000", "/live": "http://127.0.0.1:4000" } },
});
