import type { PersonRow } from "@daybook/projections";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { type Connection, command, connect } from "../support/client.ts";
import { crowd } from "../support/crowd.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { ownMenu, signIn, t } from "./desk.ts";
import { mouse, patient } from "./hands.ts";

// A list of a hundred thousand scrolls, filters and searches like a short one. How long it takes is
// printed, and decides nothing.

const MANY = 100_000;
/** However long the list, only what is in sight is in the document. */
const ROWS_MAX = 100;

let server: TestServer;
let admin: Connection;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let everybody: PersonRow[];
let page: Page;

beforeAll(async () => {
  const first = await startServer();
  await first.end();
  everybody = await crowd(first.data, MANY);
  server = await startServer({ DAYBOOK_DATA: first.data });
  admin = connect(server.url);
  await admin.signIn("admin", first.password);
  browser = await openBrowser({ width: 1280, height: 800, scheme: "light" });
  page = await browser.context.newPage();
  await page.goto(`${server.url}/people`);
  await signIn(mouse, page, "admin", first.password);
  await ownMenu(page).waitFor();
}, 180_000);

afterAll(async () => {
  await browser.close();
  await server.end();
  await removeFolder(server.data);
});

const report = (what: string, ...ms: number[]) =>
  process.stdout.write(`${what}: ${ms.map((one) => `${one.toFixed(1)} ms`).join(", ")}\n`);

const nameOf = ({ firstName, lastName }: PersonRow) => `${lastName}, ${firstName}`;

/** The rows in the document, by their places. */
const drawn = (): Promise<[number, string][]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("tr[data-index]")].map((row) => [
      Number(row.dataset.index),
      row.querySelector(".row-link")?.textContent ?? "",
    ]),
  );

/** Each row in the document is the one that belongs in its place, and there are few of them. */
async function expectRight(rows: readonly PersonRow[]): Promise<number> {
  const found = await drawn();
  expect(found.length).toBeGreaterThan(0);
  expect(await page.locator("tr").count()).toBeLessThan(ROWS_MAX);
  const right = found.map(([index]) => [index, nameOf(rows[index] as PersonRow)]);
  expect(found).toEqual(right);
  return Math.max(...found.map(([index]) => index));
}

/** How many rows are in sight that are still being read. */
const comingInSight = () =>
  page.evaluate(() => {
    const { top, bottom } = document.querySelector(".list-scroll")?.getBoundingClientRect() ?? {};
    return [...document.querySelectorAll(".list-coming")].filter((row) => {
      const at = row.getBoundingClientRect();
      return at.bottom > (top ?? 0) && at.top < (bottom ?? 0);
    }).length;
  });

/** How long something took until something is there. */
async function msUntil(there: Locator, act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  await there.waitFor();
  return performance.now() - startedAt;
}

/** Notes in the page how long each frame takes, until it is asked. */
async function watchFrames(): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(globalThis, { frames });
    let before = performance.now();
    const next = (now: number) => {
      frames.push(now - before);
      before = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  return () => page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames);
}

test("thousands of rows pass by the wheel, each in its place", { timeout: 180_000 }, async () => {
  await page.getByRole("link", { name: "Allen, Frances" }).waitFor();
  await page.locator(".list-scroll").hover();
  const frames = await watchFrames();
  let last = 0;
  for (let turns = 0; last < 4000; turns++) {
    // Many turn nothing: rows that come are waited for.
    expect(turns, "turns of the wheel").toBeLessThan(4000);
    await page.mouse.wheel(0, 1500);
    if (turns % 5 === 0) last = await expectRight(everybody);
  }
  const took = (await frames()).toSorted((one, other) => one - other);
  report(
    "a frame while scrolling, median and worst",
    took[took.length >> 1] ?? 0,
    took.at(-1) ?? 0,
  );
  await expect.poll(comingInSight, patient).toBe(0);
  await expectRight(everybody);
});

test("End and Page Down go on, and Home comes back", async () => {
  const focused = page.locator("tr[data-index]:focus");
  const at = async () => Number(await focused.getAttribute("data-index"));
  // A click on what leads nowhere: the row has the keyboard.
  await page
    .locator("tr[data-index] td:last-child")
    .nth(20)
    .click({ position: { x: 2, y: 2 } });
  await page.locator("tr[data-index][tabindex='0']").focus();
  const from = await at();
  for (const key of ["End", "PageDown", "End", "PageDown", "End"]) {
    const before = await at();
    await page.keyboard.press(key);
    await expect.poll(at, patient).toBeGreaterThan(before);
    await expect.poll(comingInSight, patient).toBe(0);
  }
  expect(await at()).toBeGreaterThan(from);
  await expectRight(everybody);
  expect(await focused.locator(".row-link").textContent()).toBe(
    nameOf(everybody[await at()] as PersonRow),
  );
  await page.keyboard.press("Home");
  await expect.poll(at, patient).toBe(0);
  await expectRight(everybody);
});

test("a filter and a search show those that match, in order", async () => {
  await page.getByRole("button", { name: t.fields.status, exact: true }).click();
  const inactive = everybody.filter(({ status }) => status === "inactive");
  const item = page.getByRole("menuitem", { name: t.values.inactive });
  const firstInactive = page.getByRole("link", { name: nameOf(inactive[0] as PersonRow) });
  report("from a click on a filter to its rows", await msUntil(firstInactive, () => item.click()));
  await expectRight(inactive);
  await page.getByRole("button", { name: t.list.clear }).click();
  await page.getByRole("link", { name: "Allen, Frances" }).waitFor();

  const somebody = everybody[70_000] as PersonRow;
  const wanted = String(somebody.username);
  const found = page.getByRole("row").filter({ hasText: wanted });
  const typed = () => page.getByRole("searchbox").fill(wanted);
  report("from typing to the rows that match", await msUntil(found, typed));
  const matching = everybody.filter(({ searchUsername }) => searchUsername.startsWith(wanted));
  await expect.poll(drawn, patient).toHaveLength(matching.length);
  await expectRight(matching);
  await page.getByRole("button", { name: t.list.clear }).click();
  await page.getByRole("link", { name: "Allen, Frances" }).waitFor();
});

test("what somebody else changes is in its row at once, and stands out", async () => {
  const { people } = admin.client;
  const { rows } = await people.list.query({ search: "allen" });
  const id = rows[0]?.id ?? "";
  await page.evaluate(() => Object.assign(globalThis, { isTheSame: true }));
  const changed = page.locator("tr[data-fresh]").filter({ hasText: "Allen, Fran E." });
  const renaming = { ...command({ firstName: "Fran E.", lastName: "Allen" }), id };
  const ms = await msUntil(changed, () => people.rename.mutate(renaming));
  report("from another's command to the row", ms);
  expect(ms).toBeLessThan(5000);
  expect(await page.evaluate(() => "isTheSame" in globalThis)).toBe(true);
  expect(await page.locator("tr[data-fresh]").count()).toBe(1);
});
