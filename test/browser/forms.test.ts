import { describe, expect, test } from "vitest";
import { desk, t } from "./desk.ts";
import { expectTrapped, focusIsOn, hands } from "./hands.ts";

// What was entered and not saved is not thrown away unasked, by whichever way somebody leaves.

const office = desk();

async function halfDone() {
  const page = await office.open("/people");
  await page.getByRole("button", { name: t.people.add.button }).click();
  const form = page.getByRole("dialog", { name: t.people.add.title });
  const field = form.getByLabel(t.fields.username);
  await field.fill("half.done");
  const asked = page.getByRole("dialog", { name: t.form.discardTitle });
  return { page, form, field, asked };
}

describe.each(hands)("$name", (hand) => {
  test("Escape asks, and is not its own answer", async () => {
    const { page, form, field, asked } = await halfDone();
    await page.keyboard.press("Escape");
    const keep = asked.getByRole("button", { name: t.form.keep });
    await focusIsOn(keep);
    await expectTrapped(page, asked);
    await hand.press(keep);
    await asked.waitFor({ state: "detached" });
    expect(await field.inputValue()).toBe("half.done");
    await focusIsOn(field);

    // Escape again asks again, and one more goes back to the form.
    for (const state of ["visible", "detached"] as const) {
      await page.keyboard.press("Escape");
      await asked.waitFor({ state });
    }
    expect(await field.inputValue()).toBe("half.done");

    await page.keyboard.press("Escape");
    await hand.press(asked.getByRole("button", { name: t.form.discard }));
    await form.waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.has("panel")).toBe(false);
    await focusIsOn(page.getByRole("button", { name: t.people.add.button }));
  });

  test("a way to another page asks, and is gone afterwards", async () => {
    const { page, form, field, asked } = await halfDone();
    for (const answer of [t.form.keep, t.form.discard]) {
      await page.keyboard.press("Control+k");
      const palette = page.getByPlaceholder(t.palette.placeholder);
      await palette.fill(t.history.title);
      await page.keyboard.press("Enter");
      await hand.press(asked.getByRole("button", { name: answer }));
      await asked.waitFor({ state: "detached" });
      if (answer === t.form.keep) expect(await field.inputValue()).toBe("half.done");
    }
    await page.getByRole("heading", { name: t.history.title }).waitFor();
    expect(await form.count()).toBe(0);
  });
});

test("the browser's way back and closing the window ask too", async () => {
  const { page, field, asked } = await halfDone();
  await page.goBack();
  await asked.getByRole("button", { name: t.form.keep }).click();
  expect(await field.inputValue()).toBe("half.done");
  expect(page.url()).toContain("panel=add");

  const closing = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await closing;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();

  await page.goBack();
  await asked.getByRole("button", { name: t.form.discard }).click();
  await page.waitForURL((url) => !url.searchParams.has("panel"));
});

test("Escape in a dialog over a panel closes the dialog alone", async () => {
  const { page, form, field } = await halfDone();
  await page.keyboard.press("Control+k");
  const palette = page.getByPlaceholder(t.palette.placeholder);
  await focusIsOn(palette);
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "detached" });
  await form.waitFor();
  await focusIsOn(field);
});
