import { setTimeout as delay } from "node:timers/promises";
import {
  CHECKPOINTS,
  collectionOf,
  openApp,
  requestRebuild,
  SERVING,
  SNAPSHOTS,
} from "@daybook/application";
import { accounts, history, people } from "@daybook/projections";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { personNamed } from "../support/client.ts";
import { mailServer } from "../support/mail-server.ts";
import { dataFolder, removeFolder } from "../support/server.ts";
import { problemsIn, quiet } from "./checks.ts";
import { type Client, openClient } from "./client.ts";
import { crashAt, TEST_MS } from "./crashing.ts";
import { ADMINISTRATORS, type Installation, openInstallation, prepare } from "./installation.ts";
import { type Journal, newJournal, type Person } from "./journal.ts";
import { longRun } from "./length.ts";
import { timesAccepted } from "./log-checks.ts";

let mails: Awaited<ReturnType<typeof mailServer>>;
beforeAll(async () => {
  mails = await mailServer();
});
afterAll(() => mails.close());

let place: Installation;

type Step = (client: Client, person: Person) => Promise<unknown>;

let made = 0;
const fresh = () => personNamed(`point.${++made}`);
const create: Step = (client) => client.create(fresh());
const forget: Step = (client) => client.createAndForget(fresh());
const rename: Step = (client, person) => client.rename(person, "Renamed", `Time ${++made}`);
const changeEmail: Step = (client, person) => client.changeEmail(person, fresh().email);
const deactivate: Step = async (client, person) => {
  await client.deactivate(person);
  await client.reactivate(person);
};
const sendAgain: Step = async (client) => {
  const person = (await client.create(fresh())) as Person;
  while (!(await client.sendAgain(person))) await delay(20);
};
const resetPassword: Step = (client, person) => client.resetPassword(person);

/** As `npx daybook rebuild` asks for it, beside the running server. */
const rebuild: Step = async () => {
  await place.url();
  const app = await openApp({ data: place.data, key: undefined }, () => new Date());
  await requestRebuild(app.documents, people.name);
  await app.close();
};

/** More events on one stream than a state is folded from without a snapshot. */
const renameOften: Step = async (client, person) => {
  for (let time = 0; time < 110; time++) await rename(client, person);
};

/** Where the server dies, and what is asked for meanwhile. A further point is a further line. */
const points: [string, string, Step][] = [
  ["a mail is requested, and nobody has been told", "append:MailRequested", create],
  ["a mail is attempted, and not yet sent", "append:MailAttempted", create],
  ["a mail is accepted, and not recorded as sent", "send", create],
  ["a mail is recorded as sent, and not yet shown so", "append:MailSent", create],
  ["a mail is to be sent again, and nobody has been told", "append:MailRepeated", sendAgain],
  ["a mail is attempted again, and not yet sent", "append:MailAttempted#2", sendAgain],
  ["a mail is accepted again, and not recorded as sent", "send#2", sendAgain],
  ["one value of a person is claimed", "append:ClaimTaken", create],
  ["both values are claimed, and there is no person", "append:ClaimTaken#2", create],
  ["the person is there, and has no place", "append:UserCreated", create],
  ["the person has a place, and nothing is answered", "append:MemberAdded", create],
  ["one value is claimed, and nobody comes back", "append:ClaimTaken", forget],
  ["both values are claimed, and nobody comes back", "append:ClaimTaken#2", forget],
  ["the person has no place, and nobody comes back", "append:UserCreated", forget],
  ["an event is appended, and not yet projected", "append:UserRenamed", rename],
  [
    "an inline document is written, and nothing answered",
    `write:${collectionOf(accounts)}`,
    rename,
  ],
  ["documents are written, and no checkpoint", `write:${collectionOf(people)}`, rename],
  ["entries are written, and no checkpoint", `write:${collectionOf(history)}`, rename],
  ["a checkpoint is written", `write:${CHECKPOINTS}:${collectionOf(people)}`, rename],
  ["a new address is claimed, and not yet used", "append:ClaimTaken", changeEmail],
  ["an address is changed, and the old one still held", "append:UserEmailChanged", changeEmail],
  ["the old address is free, and nothing is answered", "append:ClaimReleased", changeEmail],
  ["a person is deactivated", "append:MemberDeactivated", deactivate],
  ["a password is reset, and nobody was told it", "append:PasswordReset", resetPassword],
  ["a rebuild is under way", `write:${collectionOf(people, 1)}`, rebuild],
  ["a rebuild is announced", `write:${SERVING}:${people.name}`, rebuild],
  ["a rebuild has switched, and nobody was told", `write:${SERVING}:${people.name}#2`, rebuild],
  ["a snapshot is written", `write:${SNAPSHOTS}`, renameOften],
];

describe("a server that dies when", { timeout: TEST_MS }, () => {
  let journal: Journal;
  let client: Client;
  let person: Person;
  let head: number;

  const check = async (allSent: boolean) => {
    await quiet(place, client, allSent);
    await place.end("SIGTERM");
    const accepted = timesAccepted(mails.delivered);
    expect(await problemsIn(place, { journal, accepted, after: head, allSent })).toEqual([]);
  };

  beforeAll(async () => {
    const data = await dataFolder();
    place = openInstallation(data, { DAYBOOK_DEMO: "0", SMTP_URL: mails.url });
    const prepared = await prepare({ data, key: undefined });
    head = prepared.head;
    journal = newJournal(prepared.people);
    place.start();
    client = await openClient(place, journal, ADMINISTRATORS[0]);
    person = (await client.create(fresh())) as Person;
    await check(false);
  });
  afterAll(async () => {
    await place.end("SIGKILL");
    await removeFolder(place.data);
  });

  test.each(points)("%s loses and doubles nothing", async (_, point, step) => {
    const answered = step(client, person);
    await crashAt(place, point);
    place.start();
    await answered;
    await check(false);
  });

  test("somewhere sends what it had under way in the end", async () => {
    place.start();
    await check(longRun);
  });
});
