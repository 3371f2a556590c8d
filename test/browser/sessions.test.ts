import { describe, test } from "vitest";
import { command, connect, personNamed } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { desk, ownMenu, signIn, t } from "./desk.ts";
import { focusIsOn, hands, mouse } from "./hands.ts";

const office = desk();

const PASSWORD = "seven quiet herons at dawn";

/** Somebody who has a password of their own. */
async function somebody(username: string) {
  const person = personNamed(username);
  await office.client().people.create.mutate(command({ ...person, password: PASSWORD }));
  return person;
}

describe.each(hands)("$name", (hand) => {
  test("a forgotten password is set anew by the link in the mail, once", async () => {
    const { username, email } = await somebody(`forgetful-${hand === mouse}`);
    const { context } = await office.browser();
    const page = await context.newPage();
    await page.goto(office.url());
    await hand.press(page.getByRole("link", { name: t.signIn.forgot }));
    // The sign-in's label begins with the same words.
    await hand.fill(page.getByLabel(t.fields.email, { exact: true }), email);
    await hand.press(page.getByRole("button", { name: t.forgot.submit }));
    await page.getByText(t.forgot.sent(email)).waitFor();

    const { mail } = office.client();
    const link = await eventually(async () => {
      const { rows } = await mail.list.query({ search: email });
      const reset = rows.find(({ template }) => template === "password-reset-link");
      const { message } = reset ? await mail.get.query({ id: reset.id }) : {};
      return /http\S+\/reset-password#\S+/.exec(message?.text ?? "")?.[0];
    });
    for (const [password, answer] of [
      ["a machine that thinks", t.reset.done],
      ["another one that thinks", t.refusals["user/reset-link-spent"]],
    ] as const) {
      await page.goto("about:blank");
      await page.goto(link);
      await hand.fill(page.getByLabel(t.passwords.new), password);
      await hand.press(page.getByRole("button", { name: t.reset.submit }));
      await page.getByText(answer).waitFor();
    }
    await hand.press(page.getByRole("link", { name: t.signIn.back }));
    await signIn(hand, page, username, "a machine that thinks");
    await ownMenu(page).waitFor();
  });

  test("a session that was ended elsewhere shows the sign-in, and goes on where it was", async () => {
    const { username } = await somebody(`roaming-${hand === mouse}`);
    const { context } = await office.browser();
    const page = await context.newPage();
    await page.goto(office.url("/account"));
    await signIn(hand, page, username, PASSWORD);
    await page.getByRole("heading", { name: t.account.title }).waitFor();

    const phone = connect(office.url("").replace(/\/$/, ""));
    await phone.signIn(username, PASSWORD);
    const passwords = { current: PASSWORD, password: "eight loud herons at dusk" };
    await phone.client.session.changePassword.mutate(command(passwords));

    // Without anything being touched.
    const name = page.getByLabel(t.signIn.name);
    await name.waitFor();
    await signIn(hand, page, username, passwords.password);
    await page.getByRole("heading", { name: t.account.title }).waitFor();
  });

  test("whoever signs out is out, and their pages are closed to the way back", async () => {
    const { username } = await somebody(`leaving-${hand === mouse}`);
    const { context } = await office.browser();
    const page = await context.newPage();
    await page.goto(office.url("/account"));
    await signIn(hand, page, username, PASSWORD);
    await hand.pick(ownMenu(page), page.getByRole("menuitem", { name: t.me.signOut }));
    await page.getByLabel(t.signIn.name).waitFor();
    await page.goto(office.url("/account"));
    await page.getByRole("button", { name: t.signIn.submit }).waitFor();
    await page.keyboard.press("Tab");
    await focusIsOn(page.getByLabel(t.signIn.name));
  });
});
