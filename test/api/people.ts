import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Role } from "@daybook/domain";
import { type Connection, command, connect, personNamed } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import type { TestServer } from "../support/server.ts";

/** A password that nobody in these tests is named after. */
export const PASSWORD = "four wooden horses at noon";
export const ANOTHER = "seven copper kettles by dawn";

/** A person whom no other test has met. */
export const somebody = (role: Role = "member") => ({
  ...personNamed(`p-${randomUUID()}`),
  firstName: "Sam",
  role,
});

export type Made = {
  id: string;
  username: string;
  email: string;
  password: string;
  /** Where the creation stands in the log. */
  position: number;
};

/** Makes a person: with a password of their own, or with a generated one that must be changed. */
export async function make(
  { client }: Connection,
  { role = "member", generated = false }: { role?: Role; generated?: boolean } = {},
): Promise<Made> {
  const { username, email, ...rest } = somebody(role);
  const data = { username, email, ...rest, ...(!generated && { password: PASSWORD }) };
  const { user, position, temporaryPassword } = await client.people.create.mutate(command(data));
  return { id: user, username, email, password: temporaryPassword ?? PASSWORD, position };
}

/** A browser of this person, signed in. */
export async function browserOf({ url }: TestServer, { username, password }: Made) {
  const browser = connect(url);
  await browser.signIn(username, password);
  return browser;
}

type Kept = { to: string; subject: string; text: string; storedAt: string };

/** The mails kept for an address, oldest first. */
export async function mailsTo({ data }: TestServer, address: string): Promise<Kept[]> {
  const folder = join(data, "mailbox");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const mails = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Kept),
  );
  return mails
    .filter(({ to }) => to === address)
    .toSorted((a, b) => a.storedAt.localeCompare(b.storedAt));
}

/** The token of the nth reset link that was mailed to an address. */
export const resetToken = (server: TestServer, address: string, nth = 1): Promise<string> =>
  eventually(async () => {
    const mails = await mailsTo(server, address);
    return mails.flatMap(({ text }) => /\/reset-password#(\S+)/.exec(text)?.[1] ?? [])[nth - 1];
  });
