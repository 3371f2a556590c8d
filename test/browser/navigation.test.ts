import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { command, personNamed } from "../support/client.ts";
import { desk, ownMenu, signIn, t } from "./desk.ts";
import { expectTrapped, focusIsOn, hands, mouse } from "./hands.ts";

const office = desk();

const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });

describe.each(hands)("$name", (hand) => {
  test("the palette leads to a page, to a person, and to what can be begun", async () => {
    const page = await office.open("/people");
    const open = page.getByRole("button", { name: t.palette.open });
    const typed = page.getByPlaceholder(t.palette.placeholder);
    const found = page.getByRole("dialog").getByRole("button");
    const take = async (text: string, what: string) => {
      if (hand === mouse) await open.click();
      else await page.keyboard.press("Control+k");
      await focusIsOn(typed);
      await page.keyboard.type(text);
      if (hand === mouse) await found.filter({ hasText: what }).first().click();
      // At once: it means what was typed, and not what was found before.
      else await page.keyboard.press("Enter");
    };
    await open.waitFor();
    await take("hist", t.history.title);
    await heading(page, t.history.title).waitFor();
    await take("hopp", "Grace Hopper");
    await heading(page, "Grace Hopper").waitFor();
    await take("add a", t.people.add.title);
    await page.getByRole("dialog", { name: t.people.add.title }).waitFor();
  });

  test("a sheet lists the shortcuts, and turns those of single keys off", async () => {
    const page = await office.open("/people");
    await ownMenu(page).waitFor();
    const sheet = page.getByRole("dialog", { name: t.shortcuts.help });
    if (hand === mouse)
      await hand.pick(ownMenu(page), page.getByRole("menuitem", { name: t.shortcuts.help }));
    else await page.keyboard.press("?");
    for (const words of [t.history.title, t.list.searchShortcut, t.shortcuts.undo])
      await sheet.getByRole("row").filter({ hasText: words }).first().waitFor();
    await expectTrapped(page, sheet);
    await hand.press(sheet.getByRole("switch", { name: t.shortcuts.single }));
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });

    const press = async (keys: string) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press("gy");
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder(t.palette.placeholder).waitFor();
    expect(new URL(page.url()).pathname).toBe("/people");
    await page.keyboard.press("Escape");
    await page.getByPlaceholder(t.palette.placeholder).waitFor({ state: "detached" });

    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await ownMenu(page).waitFor();
    await press("gy");
    await heading(page, t.history.title).waitFor();
  });

  test("who may not see a page is told what it takes, and where there is none, so", async () => {
    const username = `member-${hand === mouse}`;
    const password = "seven quiet herons at dawn";
    await office.client().people.create.mutate(command({ ...personNamed(username), password }));
    const { context } = await office.browser({ width: 390 });
    const page = await context.newPage();
    await page.goto(office.url("/people"));
    await signIn(hand, page, username, password);
    await heading(page, t.outside.notAllowed).waitFor();
    await page.getByText(t.outside.notAllowedHelp("people:read")).waitFor();
    // What they may not see is absent.
    await hand.press(page.getByRole("button", { name: t.navigation }));
    const links = page.getByRole("navigation", { name: t.navigation }).getByRole("link");
    expect(await links.allTextContents()).toEqual([t.home.title, t.account.title]);
    await hand.press(links.last());
    await heading(page, t.account.title).waitFor();

    await page.goto(office.url("/nowhere"));
    await heading(page, t.outside.notFound).waitFor();
    await hand.press(page.getByRole("link", { name: t.outside.home }));
    await page.getByText(t.home.nothing).waitFor();
  });

  test("another page begins at its start, past the navigation for who asks", async () => {
    const page = await office.open("/");
    await hand.press(page.getByRole("link", { name: t.mail.title, exact: true }));
    await heading(page, t.mail.title).waitFor();
    await focusIsOn(page.locator("#main"));
    expect(await page.title()).toBe(`${t.mail.title} · ${t.product}`);
    await page.reload();
    await heading(page, t.mail.title).waitFor();
    await page.keyboard.press("Tab");
    await focusIsOn(page.getByRole("link", { name: t.skip }));
    await page.keyboard.press("Enter");
    await focusIsOn(page.locator("#main"));
  });
});
