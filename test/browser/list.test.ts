import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { command, personNamed } from "../support/client.ts";
import { desk, signIn, t } from "./desk.ts";
import { expectTrapped, focusIsOn, hands, mouse, patient } from "./hands.ts";

const office = desk();

const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const names = (page: Page) => page.locator("[role=grid] .row-link").allTextContents();
const statusOf = async (search: string) =>
  (await office.client().people.list.query({ search })).rows[0]?.status;

/** What of a list is kept by its address or by the browser. */
const shownIn = async (page: Page) => ({
  names: await names(page),
  columns: await page.getByRole("columnheader").allTextContents(),
  density: await page.getByRole("grid").getAttribute("data-density"),
});

describe.each(hands)("$name", (hand) => {
  test("a list is narrowed, sorted and laid out, and found again so", async () => {
    const page = await office.open("/people");
    await row(page, "Hopper, Grace").waitFor();
    const filter = (label: string, value: string) =>
      hand.pick(
        page.getByRole("button", { name: label, exact: true }),
        page.getByRole("menuitem", { name: value, exact: true }),
      );
    await filter(t.fields.status, t.values.active);
    await filter(t.fields.role, t.roles.auditor);
    await hand.press(page.getByRole("button", { name: t.people.columns.created }));
    await hand.press(page.getByRole("button", { name: t.people.columns.created }));
    await page.waitForURL(/sort=-created/);
    await hand.pick(
      page.getByRole("button", { name: t.list.view }),
      page.getByRole("menuitemcheckbox", { name: t.fields.phone }),
    );
    const compact = page.getByRole("menuitemradio", { name: t.list.densities.compact });
    await hand.take(compact);
    await page.keyboard.press("Escape");
    await page.locator("[data-density=compact]").waitFor();
    const shown = await shownIn(page);
    expect(shown.columns).toContain(t.fields.phone);
    const asked = { role: "auditor", status: "active" } as const;
    const { rows } = await office
      .client()
      .people.list.query({ ...asked, sort: "created", order: "descending" });
    expect(shown.names).toEqual(rows.map((one) => `${one.lastName}, ${one.firstName}`));

    await page.reload();
    await row(page, shown.names[0] ?? "").waitFor();
    expect(await shownIn(page)).toEqual(shown);

    // A copied address shows others the same people, laid out as they like it.
    const { context } = await office.browser();
    const other = await context.newPage();
    await other.goto(page.url());
    await signIn(hand, other, "admin", office.password());
    await row(other, shown.names[0] ?? "").waitFor();
    const there = await shownIn(other);
    expect(there.names).toEqual(shown.names);
    expect(there).toMatchObject({ density: "comfortable" });
    expect(there.columns).not.toContain(t.fields.phone);
    await page.evaluate(() => localStorage.clear());
  });

  test("a search is followed while it is typed, and cleared", async () => {
    const page = await office.open("/people?status=active");
    await hand.fill(page.getByRole("searchbox"), "gr");
    await page.waitForURL(/q=gr/);
    await expect.poll(() => names(page), patient).toContain("Hopper, Grace");
    expect(await names(page)).not.toContain("Allen, Frances");
    await hand.fill(page.getByRole("searchbox"), "nobody of this name");
    await page.getByText(t.list.noMatch).waitFor();
    await hand.press(page.getByRole("button", { name: t.list.clear }).first());
    await row(page, "Allen, Frances").waitFor();
    expect(new URL(page.url()).search).toBe("");
  });

  test("many are deactivated at once, which is previewed, told of each, and undone", async () => {
    const page = await office.open("/people?sort=-name");
    for (const name of ["Sommer, Robin", "Ritchie, Dennis", "Perlman, Radia"])
      await hand.mark(row(page, name));
    await page.getByText(t.list.selected(t.people.counted(3))).waitFor();
    const { label } = t.people.actions.deactivate;
    const bar = page.getByRole("region", { name: t.list.selection });
    await hand.press(bar.getByRole("button", { name: label }));
    const dialog = page.getByRole("dialog");
    await dialog.getByText(t.actions.leftOut(1)).waitFor();
    await dialog.getByText(t.people.actions.self).waitFor();
    await dialog.getByText(t.people.actions.deactivate.consequence(t.people.counted(2))).waitFor();
    await expectTrapped(page, dialog);

    // Where no answer comes each says so, and can be tried again.
    const commands = "**/trpc/people.deactivate**";
    await page.route(commands, (route) => route.abort());
    await hand.fill(dialog.getByLabel(t.reason.label), "A long leave");
    await hand.press(dialog.getByRole("button", { name: label }));
    const results = dialog.getByRole("list", { name: t.actions.results });
    await expect.poll(() => results.getByText(t.unanswered.away).count(), patient).toBe(2);
    await page.unroute(commands);
    await hand.press(dialog.getByRole("button", { name: t.tryAgain }));
    await dialog.waitFor({ state: "detached" });
    await page.getByText(t.people.actions.deactivate.done(t.people.counted(2))).waitFor();
    expect(await statusOf("ritchie")).toBe("inactive");
    expect(await statusOf("sommer")).toBe("active");

    if (hand === mouse) await page.getByRole("button", { name: t.undo.button }).click();
    else await page.keyboard.press("u");
    await page.getByText(t.undo.done).waitFor();
    expect(await statusOf("ritchie")).toBe("active");
    expect(await statusOf("perlman")).toBe("active");
  });

  test("what can be done about a row is asked in a dialog that gives the keyboard back", async () => {
    const page = await office.open("/people");
    const hopper = row(page, "Hopper, Grace");
    await hand.act(hopper, page.getByRole("menuitem", { name: t.people.actions.deactivate.label }));
    const dialog = page.getByRole("dialog");
    await focusIsOn(dialog.getByLabel(t.reason.label));
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await focusIsOn(hopper.getByRole("button"));
  });

  test("what the filters match is exported, and no cell of it is a formula", async () => {
    const dangerous = `=HYPERLINK("http://evil.example","${hand.name}")`;
    const person = { ...personNamed(`formula-${hand === mouse}`), firstName: dangerous };
    await office.client().people.create.mutate(command({ ...person, role: "auditor" as const }));
    const page = await office.open("/people?role=auditor&sort=-created");
    await row(page, person.username).waitFor();
    const downloading = page.waitForEvent("download");
    await hand.press(page.getByRole("button", { name: t.export.label }));
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^people-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    const { rows } = await office.client().people.list.query({ role: "auditor", limit: 200 });
    await page.getByText(t.export.done(String(rows.length))).waitFor();
    expect(lines.length).toBe(rows.length + 1);
    for (const { username } of rows)
      expect(lines.filter((line) => line.includes(`,${username},`)).length).toBe(1);
    const cell = `"'${dangerous.replaceAll('"', '""')}"`;
    expect(lines.find((line) => line.includes(person.username))).toContain(cell);
  });
});
