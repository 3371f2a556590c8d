import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { command } from "../support/client.ts";
import { desk, ownMenu, t } from "./desk.ts";
import { focusIsOn, hands, mouse } from "./hands.ts";

const office = desk();

const entries = (page: Page, type: string) => page.locator(`li[data-event="${type}"]`);

async function idOf(name: string): Promise<string> {
  const { rows } = await office.client().people.list.query({ search: name });
  return rows[0]?.id ?? "";
}

describe.each(hands)("$name", (hand) => {
  test("the live feed shows what others do, beside the page, and can be narrowed", async () => {
    const page = await office.open("/account");
    const open = page.getByRole("button", { name: t.live.open });
    if (hand === mouse) await open.click();
    else {
      await ownMenu(page).waitFor();
      await page.keyboard.press("l");
    }
    const feed = page.getByRole("dialog", { name: t.live.title });
    await feed.locator("li[data-event]").first().waitFor();

    const id = await idOf(hand === mouse ? "backus" : "goldberg");
    const { people } = office.client();
    const reason = `As asked ${hand.name}`;
    await people.changePhone.mutate({ ...command({ phone: "+1 202 555 0100" }), id, reason });
    await feed.locator("[data-fresh]").getByText(reason).waitFor();

    await hand.press(feed.getByRole("checkbox", { name: t.history.kinds["sign-in"] }));
    await entries(page, "UserPhoneChanged").first().waitFor({ state: "detached" });
    await entries(page, "SignInSucceeded").first().waitFor();
    // The page behind it is in use all the while.
    await hand.fill(page.getByLabel(t.fields.current), "half");
    await page.keyboard.press("Escape");
    await feed.waitFor({ state: "detached" });
  });

  test("an entry opens to what changed, and leads to what caused it", async () => {
    const id = await idOf(hand === mouse ? "liskov" : "perlman");
    await office.client().people.resetPassword.mutate({ ...command({}), id });
    const page = await office.open(`/people/${id}`);
    await hand.press(page.getByRole("checkbox", { name: t.history.kinds.mail }));
    await page.waitForURL(/kinds=mail/);
    const sent = entries(page, "MailRequested").first();
    const head = sent.getByRole("button");
    await hand.press(head);
    expect(await head.getAttribute("aria-expanded")).toBe("true");
    await focusIsOn(head);
    await hand.press(sent.getByRole("link", { name: t.history.openCause }));
    const cause = page.getByRole("region", { name: t.history.cause });
    await cause.locator('li[data-event="PasswordReset"]').waitFor();

    // The way back shows the history as it was narrowed.
    await page.goBack();
    await sent.waitFor();
    expect(await entries(page, "PasswordReset").count()).toBe(0);
  });
});
