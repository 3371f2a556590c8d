import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** How somebody works with a page: every task is done by each of the hands. */
export type Hand = {
  name: string;
  /** Presses a button, follows a link, ticks a box. */
  press: (target: Locator) => Promise<void>;
  fill: (target: Locator, text: string) => Promise<void>;
  /** Chooses one of a group that excludes the others. */
  choose: (radio: Locator) => Promise<void>;
  /** Takes something from a menu that is open. */
  take: (item: Locator) => Promise<void>;
  /** Opens a menu and takes something from it. */
  pick: (button: Locator, item: Locator) => Promise<void>;
  /** Opens what a row of a list is about. */
  open: (row: Locator) => Promise<void>;
  /** Takes something from the menu of a row. */
  act: (row: Locator, item: Locator) => Promise<void>;
  /** Chooses a row of a list, to do something about it. */
  mark: (row: Locator) => Promise<void>;
};

/** What is to be seen of it: of a box that is drawn by other means, its label. */
async function drawn(target: Locator): Promise<Locator> {
  await target.waitFor({ state: "attached" });
  if (
    !(await target.evaluate((element) =>
      element.matches("input:is([type=checkbox], [type=radio])"),
    ))
  )
    return target;
  const id = await target.getAttribute("id");
  return id ? target.page().locator(`label[for="${id}"]`) : target;
}

export const mouse: Hand = {
  name: "by mouse",
  press: async (target) => (await drawn(target)).click(),
  fill: (target, text) => target.fill(text),
  choose: async (radio) => (await drawn(radio)).click(),
  take: (item) => item.click(),
  async pick(button, item) {
    await button.click();
    await item.click();
  },
  open: (row) => row.getByRole("link").click(),
  act: (row, item) => mouse.pick(row.locator("[aria-haspopup=menu]"), item),
  mark: (row) => row.getByRole("checkbox").check(),
};

/** Far longer than anything here takes, so that it can hang. */
export const patient = { timeout: 20_000 };

/** More than any page has, all rows and menus included. */
const STOPS_MAX = 150;

/** Whether the keyboard is seen to be there: by an outline, or in a field by its frame. */
const isMarked = (element: Element): boolean => {
  // What is drawn in place of a hidden box or button stands beside it.
  const drawn = [element, element.nextElementSibling, element.parentElement];
  const isOutlined = drawn.some((one) => {
    if (!one) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
  });
  // A field with an error keeps the colour of errors: what is left is its caret.
  if (isOutlined || element.getAttribute("aria-invalid") === "true") return true;
  const probe = document.createElement("i");
  probe.style.color = "var(--mantine-primary-color-filled)";
  element.parentElement?.append(probe);
  const accent = getComputedStyle(probe).color;
  probe.remove();
  return [element, element.parentElement].some(
    (one) => one !== null && getComputedStyle(one).borderTopColor === accent,
  );
};

const hasFocus = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => element === document.activeElement);

/** Goes on with Tab until the keyboard is there, as whoever has no mouse does. */
export const tabTo = (target: Locator): Promise<void> => pressUntil("Tab", target);

/** Borders take a moment to change. */
const expectMarked = (target: Locator) =>
  expect.poll(() => target.evaluate(isMarked), { ...patient, message: `at ${target}` }).toBe(true);

/**
 * Presses a key until the keyboard is there. What is looked for is found once, since that takes
 * longest, and again when it was drawn anew.
 */
async function pressUntil(key: string, target: Locator): Promise<void> {
  await target.waitFor({ state: "attached" });
  let element = await target.elementHandle();
  for (let presses = 0; ; presses++) {
    const found = await element?.evaluate((one) =>
      one.isConnected ? one === document.activeElement : undefined,
    );
    if (found) break;
    if (presses > STOPS_MAX) throw new Error(`${key} does not lead to ${target}`);
    if (found === undefined) element = await target.elementHandle();
    else await target.page().keyboard.press(key);
    // Focus follows once a row or item is drawn.
    if (key !== "Tab")
      await target.page().evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  }
  await expectMarked(target);
}

/** From the row where the keyboard was last to another below it. */
async function goToRow(row: Locator): Promise<void> {
  await tabTo(row.page().locator("[role=grid] [role=row][tabindex='0']"));
  await row.page().keyboard.press("Home");
  await pressUntil("ArrowDown", row);
}

const keyboard: Hand = {
  name: "by keyboard",
  async press(target) {
    await tabTo(target);
    const type = await target.getAttribute("type");
    await target.page().keyboard.press(type === "checkbox" ? " " : "Enter");
  },
  async fill(target, text) {
    await tabTo(target);
    await target.page().keyboard.press("Control+a");
    await target.page().keyboard.type(text);
  },
  async choose(radio) {
    const name = await radio.getAttribute("name");
    await tabTo(radio.page().locator(`input[name="${name}"]:checked`));
    await pressUntil("ArrowRight", radio);
  },
  async take(item) {
    await pressUntil("ArrowDown", item);
    await item.page().keyboard.press("Enter");
  },
  async pick(button, item) {
    await keyboard.press(button);
    await keyboard.take(item);
  },
  async open(row) {
    await goToRow(row);
    await row.page().keyboard.press("Enter");
  },
  async act(row, item) {
    await goToRow(row);
    await row.page().keyboard.press(".");
    await keyboard.take(item);
  },
  async mark(row) {
    await goToRow(row);
    await row.page().keyboard.press("x");
  },
};

export const hands: readonly Hand[] = [mouse, keyboard];

/** Waits until the keyboard is there without having been moved. */
export const focusIsOn = (target: Locator) =>
  expect.poll(() => hasFocus(target), { ...patient, message: `on ${target}` }).toBe(true);

/** The same for something in it, as a link in a row. */
export const focusIsIn = (target: Locator) => {
  const isIn = () => target.evaluate((element) => element.contains(document.activeElement));
  return expect.poll(isIn, { ...patient, message: `in ${target}` }).toBe(true);
};

/** A dialog keeps the keyboard for as long as it is open, whichever way it goes. */
export async function expectTrapped(page: Page, dialog: Locator): Promise<void> {
  await focusIsIn(dialog);
  for (const key of ["Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab"]) {
    await page.keyboard.press(key);
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
}
