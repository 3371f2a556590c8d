import { temporaryPassword, verifyPassword } from "@daybook/auth";
import { membership, membershipId, organization, streamName, user } from "@daybook/domain";
import type { App } from "../app.ts";
import type { Envelope } from "../commands/command-path.ts";
import { deriveId } from "../commands/ids.ts";
import { hashOf } from "./passwords.ts";
import { createPerson } from "./people.ts";
import { readAccount, readMembership, readOrganization } from "./read.ts";

export type FirstAdministrator = {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  /** Left out: one is generated. */
  password?: string | undefined;
};

export type SetUp = {
  organization: string;
  code: string;
  user: string;
  username: string;
  /** The generated password, as long as it is still the one in force. */
  password?: string | undefined;
  /** Whether it had been done before, and nothing was changed. */
  repeated: boolean;
};

/** The set-up's ids follow from the id of the installation's first log, and are the same on every run. */
function idsOf({ events }: App) {
  const id = deriveId("00000000-0000-7000-8000-000000000000", "set-up", events.originId);
  const commandId = deriveId(id, "administrator");
  return {
    id,
    home: deriveId(id, "organization"),
    commandId,
    person: deriveId(commandId, "user"),
  };
}

const system = { kind: "system", id: "setup" } as const;

/** The installation's first organization and administrator, or nothing before the set-up. */
export async function findSetUp(app: App): Promise<SetUp | undefined> {
  const { home, person } = idsOf(app);
  // The read models may be lost or behind; the streams are not.
  await bringUp(app, organization, home);
  await bringUp(app, user, person);
  await bringUp(app, membership, membershipId(home, person));
  const row = await readOrganization(app, home);
  const account = await readAccount(app, person);
  // One that was cut off before the administrator had their place is not done: nobody could sign in.
  if (!row || !account || !(await readMembership(app, home, person))) return undefined;
  const generated = firstPassword(app, person);
  const inForce = await verifyPassword(hashOf(account), generated);
  return {
    organization: home,
    code: row.code,
    user: person,
    username: String(account.username),
    password: inForce ? generated : undefined,
    repeated: true,
  };
}

async function bringUp({ events, inline }: App, decider: { stream: string }, id: string) {
  const newest = { direction: "backwards", limit: 1 } as const;
  for await (const { revision } of events.readStream(streamName(decider, id), newest))
    await inline.bringUp(decider.stream, id, revision);
}

/** What is generated for the first administrator: derived like every secret, and never stored. */
const firstPassword = (app: App, person: string): string =>
  temporaryPassword(app.keys, person, "set-up");

/**
 * Makes the first organization with its administrator. Its command ids derive from the log's origin:
 * run again, after success or in the middle, it goes on where it stopped and doubles nothing.
 */
export async function setUp(
  app: App,
  home: { code: string; name: string },
  { password, ...identity }: FirstAdministrator,
): Promise<SetUp> {
  const before = await findSetUp(app);
  if (before) return before;
  const { id, home: homeId, commandId, person } = idsOf(app);
  const envelope: Envelope = { commandId: id, actor: system, organization: homeId };
  await app.execute(organization, homeId, { type: "CreateOrganization", data: home }, envelope);
  const generated = firstPassword(app, person);
  await createPerson(
    app,
    { ...identity, phone: "", role: "administrator", password: password ?? generated },
    { ...envelope, commandId },
  );
  // Where it goes on after it was cut off, what the first run was given holds.
  return { ...((await findSetUp(app)) as SetUp), repeated: false };
}
