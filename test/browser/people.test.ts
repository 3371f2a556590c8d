import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { command } from "../support/client.ts";
import { desk, ownMenu, signIn, t } from "./desk.ts";
import { expectTrapped, focusIsIn, focusIsOn, hands, mouse } from "./hands.ts";

const office = desk();

/** A row of the list that says this. */
const rowOf = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text }).first();

const tasks = [
  { hand: hands[0] ?? mouse, username: "ada.byron", edited: "lovelace" },
  { hand: hands[1] ?? mouse, username: "mary.somerville", edited: "hopper" },
];

describe.each(tasks)("$hand.name", ({ hand, username, edited }) => {
  // The main job from end to end, as one story: whatever breaks between the form and the history
  // breaks this.
  test("a person is made, signs in, chooses a password, and is put out at once", async () => {
    const email = `${username}@northwind.example`;
    const own = `correct horse of ${username.slice(0, 3)}`;
    const admin = await office.open("/people");
    await hand.press(admin.getByRole("button", { name: t.people.add.button }));
    const form = admin.getByRole("dialog", { name: t.people.add.title });
    await focusIsOn(form.getByLabel(t.fields.username));
    await expectTrapped(admin, form);
    await hand.fill(form.getByLabel(t.fields.username), username);
    // An e-mail address that is none is said so at the field, as soon as it is left.
    await hand.fill(form.getByLabel(t.fields.email), "nowhere");
    await hand.fill(form.getByLabel(t.fields.firstName), "Augusta");
    await form.getByText("Enter an e-mail address such as name@example.com").waitFor();
    // One that somebody has is refused by the server, at the field too.
    await hand.fill(form.getByLabel(t.fields.lastName), username);
    await hand.fill(form.getByLabel(t.fields.email), "grace.hopper@northwind.example");
    await hand.press(form.getByRole("button", { name: t.people.add.submit }));
    await form.getByText(t.refusals["user/email-taken"]).waitFor();
    await focusIsOn(form.getByLabel(t.fields.email));
    await hand.fill(form.getByLabel(t.fields.email), email);
    await admin.keyboard.press("Control+Enter");

    // The password is shown once, and the keyboard is at what puts it away.
    const secret = (await admin.getByTestId("secret").textContent()) ?? "";
    expect(secret).toMatch(/^\S{16}$/);
    const kept = admin.getByRole("button", { name: t.secret.kept });
    await focusIsOn(kept);
    await hand.press(kept);
    await kept.waitFor({ state: "detached" });
    expect(await admin.getByText(secret).count()).toBe(0);

    // The welcome mail is in the mailbox, with the same password.
    await hand.press(admin.getByRole("link", { name: t.mail.title, exact: true }));
    const mail = rowOf(admin, email);
    await mail.getByText(t.mail.statuses.sent).waitFor();
    await hand.open(mail);
    const says = admin.frameLocator("iframe.mail-frame");
    await says.getByText("Hello Augusta").waitFor();
    await says.getByText(secret).waitFor();
    await admin.keyboard.press("Escape");
    await focusIsIn(mail);

    const browser = await office.browser({ width: 390, scheme: "dark" });
    const person = await browser.context.newPage();
    await person.goto(office.url());
    await signIn(hand, person, email.toUpperCase(), secret);
    await person.getByRole("heading", { name: t.account.chooseOwn }).waitFor();
    // Nothing else is to be seen before.
    await person.goto(office.url("/people"));
    await hand.fill(person.getByLabel(t.fields.current), secret);
    await hand.fill(person.getByLabel(t.passwords.new), own);
    await hand.press(person.getByRole("button", { name: t.account.changePasswordSubmit }));
    // They go on to where they wanted to go, and are told that it is not for them.
    await person.getByRole("heading", { name: t.outside.notAllowed }).waitFor();

    await hand.press(admin.getByRole("link", { name: t.people.title, exact: true }));
    await hand.fill(admin.getByRole("searchbox"), username.slice(0, 6));
    await hand.open(rowOf(admin, username));
    await admin.getByRole("heading", { name: `Augusta ${username}` }).waitFor();
    await hand.press(admin.getByRole("button", { name: t.people.actions.deactivate.label }));
    const dialog = admin.getByRole("dialog");
    await focusIsOn(dialog.getByLabel(t.reason.label));
    await expectTrapped(admin, dialog);
    await hand.fill(dialog.getByLabel(t.reason.label), "Left for another engine");
    await hand.press(dialog.getByRole("button", { name: t.people.actions.deactivate.label }));
    await admin.getByRole("button", { name: t.people.actions.reactivate.label }).waitFor();
    // What had the keyboard is gone: it is at the start of the page, and not nowhere.
    await focusIsOn(admin.locator("#main"));

    // They are out at once, without doing anything, and do not come in again.
    await person.getByRole("button", { name: t.signIn.submit }).waitFor();
    await signIn(hand, person, username, own);
    await person.getByText(t.refusals["sign-in/failed"]).waitFor();

    // The history tells all of it, with who, from where, why, and what it changed.
    const entry = (type: string) => admin.locator(`li[data-event="${type}"]`);
    await entry("SignInFailed").waitFor();
    const left = (await entry("MemberDeactivated").textContent()) ?? "";
    expect(left).toContain(t.history.you);
    expect(left).toContain("Status: Active → Inactive");
    expect(left).toContain("Left for another engine");
    for (const type of ["PasswordChanged", "SignInSucceeded", "MailSent", "MemberAdded"])
      expect(await entry(type).count(), type).toBeGreaterThan(0);
    await hand.press(entry("UserCreated").getByRole("button"));
    await entry("UserCreated").getByText("127.0.0.1").waitFor();
    expect(await entry("UserCreated").textContent()).toContain(email);
  });

  test("who saves second sees what the other changed, and decides field by field", async () => {
    const { rows } = await office.client().people.list.query({ search: edited });
    const before = rows[0];
    if (!before) throw new Error(`nobody is called ${edited}`);
    const { id } = before;
    const page = await office.open(`/people/${id}`);
    const edit = page.getByRole("button", { name: t.people.edit.button });
    await hand.press(edit);
    const form = page.getByRole("dialog");
    await hand.fill(form.getByLabel(t.fields.firstName), "Augusta Ada");
    await hand.fill(form.getByLabel(t.fields.lastName), "Byron-King");

    const { people } = office.client();
    const theirs = { firstName: String(before.firstName), lastName: "King" };
    await people.rename.mutate({ ...command(theirs), id });
    await people.changePhone.mutate({ ...command({ phone: "+44 20 7946 0018" }), id });

    await hand.press(form.getByRole("button", { name: t.people.edit.submit }));
    await form.getByText(t.differences.explanation).waitFor();
    await form.getByText(t.differences.was(String(before.lastName))).waitFor();
    const line = (field: string) => form.getByRole("row").filter({ hasText: field });
    await hand.choose(line(t.fields.lastName).getByRole("radio").first());
    await hand.press(form.getByRole("button", { name: t.differences.save }));

    await page.getByRole("heading", { name: "Augusta Ada King" }).waitFor();
    await page.getByText("+44 20 7946 0018", { exact: true }).waitFor();
    await focusIsOn(edit);
  });
});

test("what others change shows by itself, without a word lost from a form that is open", async () => {
  const { rows } = await office.client().people.list.query({ search: "turing" });
  const id = rows[0]?.id ?? "";
  const page = await office.open(`/people/${id}?panel=edit`);
  const phone = page.getByRole("dialog").getByLabel(t.fields.phone);
  await phone.fill("+44 20 7946 0999");
  const { people } = office.client();
  await people.rename.mutate({ ...command({ firstName: "Alan", lastName: "M. Turing" }), id });
  await page.getByText("Alan M. Turing").first().waitFor();
  expect(await phone.inputValue()).toBe("+44 20 7946 0999");
  await ownMenu(page).waitFor({ state: "attached" });
});
