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
import { dataFolder, removeFolder, type SpawnedServer } from "../support/server.ts";
import { problemsIn, quiet } from "./checks.ts";
import { type Client, openClient } from "./client.ts";
import { crashed, startCrashing, TEST_MS } from "./crashing.ts";
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
const resetPassword: Step = (client, person) => client.resetPassword(person);

/** People whose first mail was sent: a crash in between would hold it for as long as its lease. */
const mailed: Person[] = [];
const sendAgain: Step = (client) => client.sendAgain(mailed.pop() as Person);

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
const points: Record<string, [string, string, Step][]> = {
  "sends mail": [
    ["a mail is requested, and nobody has been told", "append:MailRequested", create],
    ["a mail is attempted, and not yet sent", "append:MailAttempted", create],
    ["a mail is accepted, and not recorded as sent", "send", create],
    ["a mail is recorded as sent, and not yet shown so", "append:MailSent", create],
    ["a mail is to be sent again, and nobody has been told", "append:MailRepeated", sendAgain],
    ["a mail is attempted again, and not yet sent", "append:MailAttempted", sendAgain],
    ["a mail is accepted again, and not recorded as sent", "send", sendAgain],
  ],
  "creates people": [
    ["one value of a person is claimed", "append:ClaimTaken", create],
    ["both values are claimed, and there is no person", "append:ClaimTaken#2", create],
    ["the person is there, and has no place", "append:UserCreated", create],
    ["the person has a place, and nothing is answered", "append:MemberAdded", create],
    ["one value is claimed, and nobody comes back", "append:ClaimTaken", forget],
    ["both values are claimed, and nobody comes back", "append:ClaimTaken#2", forget],
    ["the person has no place, and nobody comes back", "append:UserCreated", forget],
  ],
  "changes people": [
    ["a new address is claimed, and not yet used", "append:ClaimTaken", changeEmail],
    ["an address is changed, and the old one still held", "append:UserEmailChanged", changeEmail],
    ["the old address is free, and nothing is answered", "append:ClaimReleased", changeEmail],
    ["a person is deactivated", "append:MemberDeactivated", deactivate],
    ["a password is reset, and nobody was told it", "append:PasswordReset", resetPassword],
    ["a snapshot is written", `write:${SNAPSHOTS}`, renameOften],
  ],
  "builds read models": [
    ["an event is appended, and not yet projected", "append:UserRenamed", rename],
    [
      "an inline document is written, and nothing answered",
      `write:${collectionOf(accounts)}`,
      rename,
    ],
    ["documents are written, and no checkpoint", `write:${collectionOf(people)}`, rename],
    ["entries are written, and no checkpoint", `write:${collectionOf(history)}`, rename],
    ["a checkpoint is written", `write:${CHECKPOINTS}:${collectionOf(people)}`, rename],
    ["a rebuild is under way", `write:${collectionOf(people, 1)}`, rebuild],
    ["a rebuild is announced", `write:${SERVING}:${people.name}`, rebuild],
    ["a rebuild has switched, and nobody was told", `write:${SERVING}:${people.name}#2`, rebuild],
  ],
};

/** Nobody waits here for mails that a crash has cut off, but where there is time. */
const rest = (client: Client, allSent = false) => quiet(place, client, allSent);

describe.each(Object.entries(points))("a server that %s and dies when", (_, its) => {
  let journal: Journal;
  let client: Client;
  let person: Person;
  let head: number;
  let server: SpawnedServer;

  beforeAll(async () => {
    const data = await dataFolder();
    place = openInstallation(data, { DAYBOOK_DEMO: "0", SMTP_URL: mails.url });
    const prepared = await prepare({ data, key: undefined });
    head = prepared.head;
    journal = newJournal(prepared.people);
    server = startCrashing(place);
    client = await openClient(place, journal, ADMINISTRATORS[0]);
    person = (await client.create(fresh())) as Person;
    while (its.filter(([, , step]) => step === sendAgain).length > mailed.length)
      mailed.push((await client.create(fresh())) as Person);
    await rest(client);
  });
  afterAll(async () => {
    await place.end("SIGKILL");
    await removeFolder(place.data);
  });

  test.each(its)("%s goes on where it was", { timeout: TEST_MS }, async (_, point, step) => {
    server.child.send(point);
    const answered = step(client, person);
    await crashed(server, point);
    server = startCrashing(place);
    await answered;
    await rest(client);
  });

  test("has lost and doubled nothing", { timeout: TEST_MS }, async () => {
    await rest(client, longRun);
    await place.end("SIGTERM");
    const accepted = timesAccepted(mails.delivered);
    const expected = { journal, accepted, after: head, allSent: longRun };
    expect(await problemsIn(place, expected)).toEqual([]);
  });
});
