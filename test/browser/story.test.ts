import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let administrator: Awaited<ReturnType<typeof openBrowser>>;
let person: Awaited<ReturnType<typeof openBrowser>>;

beforeAll(async () => {
  server = await startServer();
  administrator = await openBrowser({ width: 1280, height: 800, scheme: "light" });
  person = await openBrowser({ width: 390, height: 800, scheme: "dark" });
});

afterAll(async () => {
  await administrator.close();
  await person.close();
  await server.end();
  await removeFolder(server.data);
});

const signIn = async (page: Page, name: string, password: string) => {
  await page.getByLabel("E-mail address or username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
};

/** What keeps people out who use a keyboard or a screen reader. */
const barriers = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
};

const own = "correct horse of Ada";

// The main job from end to end, as one story: whatever breaks between
// the form and the history breaks this.
test("an administrator makes a person, who signs in, and is put out again", async () => {
  const admin = await administrator.context.newPage();
  const problems: string[] = [];
  admin.on("pageerror", (error) => problems.push(String(error)));
  admin.on("console", (message) => message.type() === "error" && problems.push(message.text()));

  await admin.goto(server.url);
  await admin.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await barriers(admin)).toEqual([]);
  await signIn(admin, "admin", server.password);
  await admin.getByRole("heading", { name: "People" }).waitFor();
  await admin.getByRole("link", { name: "Hopper, Grace" }).waitFor();
  expect(await barriers(admin)).toEqual([]);

  // An e-mail address that is none is said so at the field, as soon as it is left.
  await admin.getByRole("button", { name: "Add person" }).click();
  const form = admin.getByRole("dialog");
  await form.getByLabel("Username").fill("ada.byron");
  await form.getByLabel("E-mail address").fill("nowhere");
  await form.getByLabel("First name").fill("Augusta");
  await form.getByText("Enter an e-mail address such as name@example.com").waitFor();
  // One that somebody has is refused by the server, at the field too.
  await form.getByLabel("E-mail address").fill("grace.hopper@northwind.example");
  await form.getByLabel("Last name").fill("Byron");
  expect(await barriers(admin)).toEqual([]);
  await form.getByRole("button", { name: "Add person" }).click();
  await form.getByText("Somebody else uses this e-mail address.").waitFor();
  await form.getByLabel("E-mail address").fill("ada.byron@northwind.example");
  await form.getByRole("button", { name: "Add person" }).click();
  const shown = await admin.getByTestId("secret").textContent();
  expect(shown).toMatch(/^\S{16}$/);
  await admin.getByRole("button", { name: "I have kept it" }).click();
  await admin.getByRole("link", { name: "Byron, Augusta" }).waitFor();

  // The welcome mail is in the mailbox, with the same password.
  await admin.getByRole("link", { name: "Mail" }).click();
  const row = admin.getByRole("row", { name: /ada\.byron@northwind\.example/ });
  await row.getByText("Sent").waitFor();
  await row.getByRole("button", { name: "Account created" }).click();
  const mail = admin.frameLocator("iframe.mail-frame");
  await mail.getByText("Hello Augusta").waitFor();
  expect(await mail.locator("body").textContent()).toContain(shown);
  await admin.keyboard.press("Escape");
  await admin.getByRole("button", { name: "Send me a test mail" }).click();
  await admin
    .getByRole("status")
    .getByText(/The test mail was accepted for .*@.*Look whether/)
    .waitFor();
  expect(await barriers(admin)).toEqual([]);

  const ada = await person.context.newPage();
  await ada.goto(server.url);
  await signIn(ada, "Ada.Byron@northwind.example", shown ?? "");
  await ada.getByRole("heading", { name: "Choose your own password" }).waitFor();
  expect(await barriers(ada)).toEqual([]);
  await ada.goto(`${server.url}/people`);
  await ada.getByRole("heading", { name: "Choose your own password" }).waitFor();
  await ada.getByLabel("Current password").fill(shown ?? "");
  await ada.getByLabel("New password").fill(own);
  await ada.getByRole("button", { name: "Change the password" }).click();
  // She goes on where she wanted to go, and is told that it is not for her.
  await ada.getByText("You may not do this.").waitFor();
  await ada.getByRole("button", { name: "Navigation" }).click();
  await ada.getByRole("link", { name: "My account" }).click();
  await ada.getByRole("heading", { name: "My account" }).waitFor();
  await ada.getByText("ada.byron@northwind.example").waitFor();
  expect(await barriers(ada)).toEqual([]);
  // What she may not see is absent.
  expect(await ada.getByRole("link", { name: "People" }).count()).toBe(0);

  await admin.getByRole("link", { name: "People" }).click();
  await admin.getByRole("searchbox").fill("byron");
  await admin.getByRole("link", { name: "Byron, Augusta" }).click();
  await admin.getByRole("button", { name: "Deactivate" }).click();
  await admin.getByLabel("Reason").fill("Left for another engine");
  expect(await barriers(admin)).toEqual([]);
  await admin.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await admin.getByRole("button", { name: "Reactivate" }).waitFor();

  // She is out at once, without doing anything, and does not come in again.
  await ada.getByRole("button", { name: "Sign in" }).waitFor();
  await signIn(ada, "ada.byron", own);
  await ada.getByText("That name and password do not match").waitFor();

  // The history shows all of it, with who, from where, why, and what it changed.
  const entry = (type: string) => admin.locator(`li[data-event="${type}"]`);
  await entry("SignInFailed").waitFor();
  const left = (await entry("MemberDeactivated").textContent()) ?? "";
  expect(left).toContain("You");
  expect(left).toContain("Status: Active → Inactive");
  expect(left).toContain("Left for another engine");
  expect(left).toContain("from 127.0.0.1");
  expect(await entry("PasswordChanged").textContent()).toContain("Augusta Byron");
  expect(await entry("SignInSucceeded").textContent()).toContain("Augusta Byron");
  expect(await entry("UserCreated").textContent()).toContain("ada.byron@northwind.example");
  expect(await entry("MemberAdded").textContent()).toContain("Role: Member");
  expect(await barriers(admin)).toEqual([]);
  expect(problems.filter((problem) => !/status of (4\d\d)/.test(problem))).toEqual([]);
});

test("who saves second sees what the other changed, and decides", async () => {
  const first = await administrator.context.newPage();
  await first.goto(`${server.url}/people?q=lovelace`);
  await first.getByRole("link", { name: "Lovelace, Ada" }).click();
  await first.getByRole("button", { name: "Edit" }).click();
  const second = await administrator.context.newPage();
  await second.goto(first.url());
  await second.getByRole("button", { name: "Edit" }).click();

  await second.getByLabel("Last name").fill("King");
  await second.getByRole("button", { name: "Save" }).click();
  await second.getByRole("heading", { name: "Ada King" }).waitFor();

  await first.getByLabel("Last name").fill("Byron-King");
  await first.getByRole("button", { name: "Save" }).click();
  await first.getByText("Somebody else saved changes while you were editing").waitFor();
  const differences = (await first.getByRole("dialog").textContent()) ?? "";
  expect(differences).toContain("King");
  expect(differences).toContain("was Lovelace");
  expect(await barriers(first)).toEqual([]);
  await first.getByRole("button", { name: "Save mine" }).click();
  await first.getByRole("heading", { name: "Ada Byron-King" }).waitFor();
  // What others change shows by itself.
  await second.getByRole("heading", { name: "Ada Byron-King" }).waitFor();
});

test("what was entered is not thrown away unasked", async () => {
  const page = await administrator.context.newPage();
  await page.goto(`${server.url}/people`);
  await page.getByRole("button", { name: "Add person" }).click();
  await page.getByRole("dialog").getByLabel("Username").fill("half.done");
  await page.keyboard.press("Escape");
  await page.getByText("Discard what you entered?").waitFor();
  await page.getByRole("button", { name: "Keep editing" }).click();
  expect(await page.getByRole("dialog").getByLabel("Username").inputValue()).toBe("half.done");
});

test("a forgotten password is set anew by the link in the mail, once", async () => {
  const page = await person.context.newPage();
  await person.context.clearCookies();
  await page.goto(server.url);
  await page.getByRole("link", { name: "Forgot the password?" }).click();
  await page.getByLabel("E-mail address").fill("alan.turing@northwind.example");
  await page.getByRole("button", { name: "Mail the link" }).click();
  await page.getByText("a link is on its way there").waitFor();

  const admin = await administrator.context.newPage();
  await admin.goto(`${server.url}/mail`);
  const row = admin.getByRole("row", { name: /Reset link.*alan\.turing/ });
  await row.getByText("Sent").waitFor();
  await row.getByRole("button", { name: "Reset link" }).click();
  await admin.getByRole("tab", { name: "Plain text" }).click();
  const text = (await admin.getByRole("tabpanel").textContent()) ?? "";
  const link = /http\S+\/reset-password#\S+/.exec(text)?.[0] ?? "";

  for (const [password, answer] of [
    ["a machine that thinks", "The new password is set"],
    ["another one that thinks", "This link was used already"],
  ] as const) {
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByLabel("New password").fill(password);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText(answer).waitFor();
  }
  await page.goto(server.url);
  await signIn(page, "alan.turing", "a machine that thinks");
  await page.getByRole("heading", { name: "My account" }).waitFor();
});
