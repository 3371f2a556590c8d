import { mailTemplate } from "@daybook/domain";
import type { Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, personNamed } from "../support/client.ts";
import { mailServer } from "../support/mail-server.ts";
import { desk, t } from "./desk.ts";
import { focusIsOn, hands, mouse, patient } from "./hands.ts";

// Mail goes to a server here, which takes it or refuses it.
const post = await mailServer();
const office = desk({ SMTP_URL: post.url, MAIL_FROM: "Daybook <daybook@northwind.example>" });

beforeAll(() => post.replies(undefined));
afterAll(() => post.close());

describe.each(hands)("$name", (hand) => {
  test("a mail that failed says why, and is sent again", async () => {
    const { email, ...person } = personNamed(`post-${hand === mouse}`);
    post.replies({ at: "to", code: 550 });
    await office.client().people.create.mutate(command({ ...person, email }));
    const page = await office.open("/mail?status=failed");
    const row = page.getByRole("row").filter({ hasText: email });
    await row.getByText(t.mail.statuses.failed).waitFor();
    await hand.open(row);
    const panel = page.getByRole("dialog", { name: t.mail.one });
    await panel.getByText(`${t.mail.outcomes.failed}:`).waitFor();

    post.replies(undefined);
    const again = panel.getByRole("button", { name: t.mail.actions.sendAgain.label });
    const dialog = page.getByRole("dialog").filter({ hasText: t.reason.label });
    await hand.press(again);
    await focusIsOn(dialog.getByLabel(t.reason.label));
    // Escape closes what is asked, and not the mail behind it.
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await focusIsOn(again);
    await hand.press(again);
    await hand.press(dialog.getByRole("button", { name: t.mail.actions.sendAgain.label }));
    await panel.getByText(t.mail.outcomes.sent).waitFor();
    await panel.getByText(t.mail.repeats).waitFor();
    expect(post.delivered.filter(({ to }) => to.includes(email)).length).toBe(1);
  });

  test("every template is previewed as it looks and as text", async () => {
    const page = await office.open("/mail");
    await hand.press(page.getByRole("link", { name: t.mail.previews.title }));
    const list = page.getByRole("navigation", { name: t.mail.previews.title });
    for (const template of mailTemplate.options) {
      await hand.press(list.getByRole("link").filter({ hasText: t.mail.templates[template] }));
      await page.waitForURL(new RegExp(`template=${template}`));
      const preview = page.getByRole("region", { name: t.mail.templates[template] });
      const body = preview.frameLocator("iframe").locator("body");
      await expect.poll(() => body.textContent(), patient).toMatch(/\w{3}[\s\S]*Daybook/);
    }
    const text = page.getByRole("tab", { name: t.mail.text });
    if (hand === mouse) await text.click();
    else {
      await hand.press(page.getByRole("tab", { name: t.mail.html }));
      await page.keyboard.press("ArrowRight");
    }
    await page.getByRole("tabpanel").locator("pre").waitFor();
  });

  test("a test mail says whether it was accepted", async () => {
    const page = await office.open("/mail");
    await hand.press(page.getByRole("button", { name: t.mail.test.button }));
    const said = page.getByRole("status").getByText(t.mail.test.sent("admin@northwind.example"));
    await said.waitFor();
  });
});

test("what changes while it is asked for the first time is asked for again", async () => {
  const held = Promise.withResolvers<void>();
  post.replies({ at: "data", after: held.promise });
  const page = await office.open("/mail");
  const sending = page.getByRole("row").filter({ hasText: t.mail.statuses.sending });
  const first = async (route: Route) => {
    const answer = await route.fetch();
    await sending.waitFor();
    held.resolve();
    // The list has heard of it when the answer of before comes.
    await sending.waitFor({ state: "detached" });
    await route.fulfill({ response: answer });
  };
  await page.route(/mail\.get/, first, { times: 1 });
  await page.getByRole("button", { name: t.mail.test.button }).click();
  await page.getByRole("status").getByText(t.mail.test.sent("admin@northwind.example")).waitFor();
});
