import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { en } from "../../apps/admin-web/src/texts/en.ts";
import { type Look, openBrowser } from "../support/browser.ts";
import { type Connection, connect } from "../support/client.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { type Hand, mouse } from "./hands.ts";

/** The words on the pages. */
export const t = en;

type Browser = Awaited<ReturnType<typeof openBrowser>>;

const DESK: Look = { width: 1280, height: 800, scheme: "light" };

/**
 * A server with its demonstration, an administrator's browser, and the API beside it, for the tests
 * of a file. Whatever a page throws fails the test that opened it.
 */
export function desk(given: Record<string, string> = {}) {
  let server: TestServer;
  let admin: Connection;
  const browsers: Browser[] = [];
  const thrown: string[] = [];

  /** A browser that nobody has used. */
  async function browser(look: Partial<Look> = {}): Promise<Browser> {
    const opened = await openBrowser({ ...DESK, ...look });
    opened.context.on("weberror", (error) => thrown.push(String(error.error())));
    browsers.push(opened);
    return opened;
  }
  let own: Browser;
  const pages: Page[] = [];

  beforeAll(async () => {
    server = await startServer(given);
    admin = connect(server.url);
    await admin.signIn("admin", server.password);
    own = await browser();
    const page = await own.context.newPage();
    await page.goto(server.url);
    await signIn(mouse, page, "admin", server.password);
    await ownMenu(page).waitFor();
    await page.close();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  afterAll(async () => {
    for (const { close } of browsers) await close();
    await server.end();
    await removeFolder(server.data);
    expect(thrown).toEqual([]);
  });

  return {
    browser,
    url: (path = "/") => `${server.url}${path}`,
    password: () => server.password,
    client: () => admin.client,
    /** A page of the administrator's browser, who is signed in. */
    open: async (path: string): Promise<Page> => {
      const page = await own.context.newPage();
      pages.push(page);
      await page.goto(`${server.url}${path}`);
      return page;
    },
  };
}

/** Signs somebody in where nobody is. */
export async function signIn(hand: Hand, page: Page, name: string, password: string) {
  await hand.fill(page.getByLabel(t.signIn.name), name);
  await hand.fill(page.getByLabel(t.fields.password, { exact: true }), password);
  await hand.press(page.getByRole("button", { name: t.signIn.submit }));
}

/** What only somebody who is signed in has. */
export const ownMenu = (page: Page) => page.getByRole("button", { name: t.me.menu("") });
