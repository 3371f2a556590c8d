import type { Page } from "playwright-core";
import { type Connection, command, connect, personNamed } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import type { TestServer } from "../support/server.ts";

/** What there is to look at, by the ids that addresses need. */
export type Scene = {
  server: TestServer;
  admin: Connection;
  person: string;
  entry: string;
  mail: string;
};

/** A page, or a state of one, that people see. */
export type State = {
  name: string;
  path: (scene: Scene) => string;
  /** Who sees it; an administrator where it is left out. */
  as?: "nobody" | "member" | "newcomer";
  /** What is done to see it. */
  act?: (page: Page, scene: Scene) => Promise<unknown>;
  /** What is there when it is to be seen. */
  shows: string | RegExp;
};

const MEMBER = { name: "jo.member", password: "seven quiet herons at dawn" };

/** Works in the demonstration a little, so that every page has something to show. */
export async function openScene(server: TestServer): Promise<Scene> {
  const admin = connect(server.url);
  await admin.signIn("admin", server.password);
  const { people, history, mail } = admin.client;
  const { user } = await people.create.mutate(
    command({
      ...personNamed("vera.rubin"),
      firstName: "Vera",
      lastName: "Rubin",
      email: "vera.rubin@northwind.example",
      phone: "+1 202 555 0114",
    }),
  );
  await people.create.mutate(
    command({
      ...personNamed(MEMBER.name),
      firstName: "Jo",
      lastName: "March",
      password: MEMBER.password,
    }),
  );
  await people.rename.mutate({
    ...command({ firstName: "Vera", lastName: "Cooper Rubin" }),
    ...{ id: user, reason: "The name she goes by" },
  });
  await people.changeRole.mutate({ ...command({ role: "auditor" as const }), id: user });
  await people.resetPassword.mutate({ ...command({}), id: user });
  await connect(server.url)
    .signIn("vera.rubin", "a wrong guess")
    .catch(() => undefined);
  const entry = await eventually(async () => {
    const { rows } = await history.list.query({ subject: user, limit: 200 });
    return (
      rows.find(({ type }) => type === "MailSent") &&
      rows.find(({ type }) => type === "PasswordReset")
    );
  });
  const { rows } = await mail.list.query({ search: "vera" });
  return { server, admin, person: user, entry: entry.id, mail: rows[0]?.id ?? "" };
}

/** Signs somebody in, with a browser that nobody has used. */
export async function signIn(page: Page, name: string, password: string) {
  await page.getByLabel("E-mail address or username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Whom a state is seen by. */
export async function signInAs(page: Page, { server, admin }: Scene, as: State["as"]) {
  if (as === "nobody") return;
  await page.goto(server.url);
  if (as === "newcomer") {
    const name = { firstName: "Lise", lastName: "Meitner" };
    const made = { ...personNamed(`lise.meitner.${Date.now()}`), ...name };
    const { temporaryPassword } = await admin.client.people.create.mutate(command(made));
    await signIn(page, made.username, temporaryPassword ?? "");
    return page.getByText("Choose your own password").waitFor();
  }
  if (as === "member") await signIn(page, MEMBER.name, MEMBER.password);
  else await signIn(page, "admin", server.password);
  return page.getByRole("button", { name: /account and settings/ }).waitFor();
}

const button = (name: string | RegExp) => (page: Page) =>
  page.getByRole("button", { name }).first().click();

const chooseThree = async (page: Page) => {
  for (const at of [2, 3, 4]) await page.getByRole("row").nth(at).getByRole("checkbox").check();
};

/** Every page, and every state that looks otherwise. */
export const states: readonly State[] = [
  { name: "sign-in", path: () => "/", as: "nobody", shows: "Sign in" },
  {
    name: "sign-in-refused",
    path: () => "/",
    as: "nobody",
    act: (page) => signIn(page, "nobody", "a wrong guess"),
    shows: "That name and password do not match",
  },
  { name: "forgot", path: () => "/forgot-password", as: "nobody", shows: "Mail the link" },
  { name: "reset", path: () => "/reset-password#x", as: "nobody", shows: "Set the password" },
  { name: "newcomer", path: () => "/", as: "newcomer", shows: "Choose your own password" },
  { name: "home", path: () => "/", shows: "Last events" },
  {
    name: "home-table",
    path: () => "/?span=week",
    act: button("Show as a table"),
    shows: "Show as a chart",
  },
  { name: "home-member", path: () => "/", as: "member", shows: "Your role shows nothing here" },
  { name: "people", path: () => "/people", shows: "Hopper, Grace" },
  { name: "people-filtered", path: () => "/people?status=active&q=gr", shows: "Hopper, Grace" },
  { name: "people-nothing", path: () => "/people?q=zzz", shows: "Nothing matches." },
  {
    name: "people-view",
    path: () => "/people",
    act: button("Columns and density"),
    shows: "Density",
  },
  {
    name: "people-row-menu",
    path: () => "/people",
    act: button(/^Actions for Grace Hopper/),
    shows: "Reset password",
  },
  { name: "people-chosen", path: () => "/people", act: chooseThree, shows: "3 people chosen" },
  {
    name: "people-preview",
    path: () => "/people",
    act: async (page) => {
      await chooseThree(page);
      await page.getByRole("button", { name: "Deactivate" }).click();
    },
    shows: "One is left out",
  },
  { name: "add-person", path: () => "/people?panel=add", shows: "Add a person" },
  {
    name: "add-person-errors",
    path: () => "/people?panel=add",
    act: async (page) => {
      const form = page.getByRole("dialog");
      await form.getByLabel("E-mail address").fill("nowhere");
      await form.getByRole("button", { name: "Add person" }).click();
    },
    shows: "Enter an e-mail address such as name@example.com",
  },
  {
    name: "discard",
    path: () => "/people?panel=add",
    act: async (page) => {
      await page.getByRole("dialog").getByLabel("Username").fill("half.done");
      await page.keyboard.press("Escape");
    },
    shows: "Discard what you entered?",
  },
  { name: "person", path: ({ person }) => `/people/${person}`, shows: "Vera Cooper Rubin" },
  {
    name: "person-entry-open",
    path: ({ person }) => `/people/${person}?kinds=account`,
    act: (page) => page.locator('li[data-event="UserRenamed"] button').first().click(),
    shows: "Before",
  },
  { name: "edit-person", path: ({ person }) => `/people/${person}?panel=edit`, shows: "Save" },
  {
    name: "differences",
    path: ({ person }) => `/people/${person}?panel=edit`,
    act: async (page, { admin, person }) => {
      const form = page.getByRole("dialog");
      await form.getByLabel("Phone").fill("+1 202 555 0199");
      const lastName = `Cooper Rubin ${Math.floor(Math.random() * 1000)}`;
      const data = { firstName: "Vera", lastName };
      await admin.client.people.rename.mutate({ ...command(data), id: person });
      await form.getByLabel("First name").fill("Vee");
      await form.getByRole("button", { name: "Save" }).click();
    },
    shows: "Somebody else saved changes",
  },
  {
    name: "deactivate",
    path: ({ person }) => `/people/${person}`,
    act: button("Deactivate"),
    shows: "Recorded in the history",
  },
  {
    name: "unknown-person",
    path: () => "/people/0192f0c1-7b1e-7c3a-9d7e-1a2b3c4d5e6f",
    shows: "There is no such person",
  },
  { name: "history", path: () => "/history", shows: "Sign-in" },
  { name: "history-entry", path: ({ entry }) => `/history/${entry}`, shows: "What it caused" },
  {
    name: "live-feed",
    path: () => "/people",
    act: button("What happens now"),
    shows: "All of the history",
  },
  { name: "mail", path: () => "/mail", shows: /@northwind\.example/ },
  { name: "mail-open", path: ({ mail }) => `/mail?open=${mail}`, shows: "As it looks" },
  { name: "mail-templates", path: () => "/mail/templates", shows: "As it looks" },
  { name: "account", path: () => "/account", shows: "Change password" },
  {
    name: "account-menu",
    path: () => "/account",
    act: button(/account and settings/),
    shows: "Keyboard shortcuts",
  },
  {
    name: "palette",
    path: () => "/people",
    act: async (page) => {
      await page.getByText("Hopper, Grace").waitFor();
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("A page, a person, or what to do").fill("gr");
      await page.getByText("grace.hopper@northwind.example").last().waitFor();
    },
    shows: "to choose, Enter to go",
  },
  {
    name: "shortcuts",
    path: () => "/people",
    act: async (page) => {
      await page.getByText("Hopper, Grace").waitFor();
      await page.keyboard.press("Shift+?");
    },
    shows: "Shortcuts of single keys",
  },
  { name: "not-found", path: () => "/nowhere", shows: "There is no such page" },
  { name: "not-allowed", path: () => "/people", as: "member", shows: "You may not see this page" },
];

/** Goes there, does what it takes, and waits until it is to be seen. */
export async function show(page: Page, scene: Scene, { path, act, shows }: State) {
  await page.goto(`${scene.server.url}${path(scene)}`);
  await act?.(page, scene);
  await page.getByText(shows).first().waitFor();
  await page.waitForFunction(
    () => document.querySelector("[aria-busy=true], .mantine-Skeleton-root") === null,
  );
}

/** The looks that are held to the same: a desk and a phone, by day and by night. */
export const looks = [1280, 360].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ width, height: 800, scheme })),
);
