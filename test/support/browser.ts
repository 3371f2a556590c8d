import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type Look = { width: number; height: number; scheme: "light" | "dark" };

/** A browser of its own, with an empty profile. */
export async function openBrowser({ width, height, scheme }: Look) {
  const profile = await mkdtemp(join(tmpdir(), "daybook-browser-"));
  const executablePath = process.env.CHROMIUM ?? paths.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium: set CHROMIUM to its path");
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    args,
    viewport: { width, height },
    colorScheme: scheme,
  });
  context.setDefaultTimeout(60_000);
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
