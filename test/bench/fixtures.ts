import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type EventStore, type NewEvent, openStores, type Stores } from "@daybook/adapters";
import { type App, openApp, openSession, type Runner, startRunner } from "@daybook/application";
import { hashPassword } from "@daybook/auth";
import {
  catalogue,
  type EventMeta,
  membership,
  membershipId,
  parseStrictly,
  type Role,
  streamName,
  user,
} from "@daybook/domain";
import { manyAtOnce } from "./measure.ts";
import { idOf, nameOf } from "./names.ts";
import { freshFolder, type Setting, sharedFolder } from "./row.ts";

/** Logs of valid events about many people, made faster than commands could make them. */

export const ORGANIZATION = idOf("organization", 0);
export const PASSWORD = "four wooden horses at noon";

/** The first people may change things, the next may see them, all others neither. */
export const ADMINISTRATORS = 64;
export const AUDITORS = 500;

/** Enough that each flush makes many appends durable. */
const AT_ONCE = 1000;

export const personId = (nth: number): string => idOf("person", nth);
export const everybody = (count: number): string[] =>
  Array.from({ length: count }, (_, nth) => personId(nth));

const roleOf = (nth: number): Role =>
  nth < ADMINISTRATORS ? "administrator" : nth < ADMINISTRATORS + AUDITORS ? "auditor" : "member";

const credentialOf = (nth: number): string => idOf("credential", nth);

/** Makes events one after the other, each in time before now and behind the last. */
function eventMaker() {
  const startedAt = Date.now() - 24 * 3_600_000;
  let made = 0;
  const meta = (id: string, subject: string | undefined): EventMeta => ({
    at: new Date(startedAt + Math.floor(made / 100)).toISOString(),
    actor: { kind: "user", id: personId(0) },
    organization: ORGANIZATION,
    ...(subject && { subject }),
    commandId: id,
    correlationId: id,
    schemaVersion: 1,
    ip: "192.0.2.17",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  });
  return (type: string, data: Record<string, unknown>, subject?: string): NewEvent => {
    const known = catalogue.get(type);
    if (!known) throw new Error(`${type} is in no catalogue`);
    // The shapes are the same for everybody: the first of them are proof for all.
    if (made < 1000) parseStrictly(known.schema, data);
    const id = idOf("event", made++);
    return { id, type, data, meta: meta(id, subject) };
  };
}

type Maker = ReturnType<typeof eventMaker>;

/** Five events: two claims, the person, their password, and their place in the organization. */
async function create({ events, keys }: Stores, make: Maker, nth: number, hash: string) {
  const id = personId(nth);
  const { username, email, ...names } = nameOf(nth);
  const hold = (kind: "email" | "username", value: string) => ({
    name: keys.mac("claim", kind, value).toString("base64url"),
    token: idOf(kind, nth),
  });
  const claims = [hold("email", email), hold("username", username)] as const;
  for (const { name, token } of claims)
    await events.append(`claim-${name}`, "none", [make("ClaimTaken", { owner: id, token }, id)]);
  const [emailClaim, usernameClaim] = claims;
  const identity = { username, email, ...names, phone: "" };
  const password = { credential: credentialOf(nth), hash, temporary: false };
  await events.append(streamName(user, id), "none", [
    make("UserCreated", { ...identity, emailClaim, usernameClaim, homeRole: roleOf(nth) }, id),
    make("PasswordAssigned", password, id),
  ]);
  const place = streamName(membership, membershipId(ORGANIZATION, id));
  await events.append(place, "none", [make("MemberAdded", { user: id, role: roleOf(nth) }, id)]);
}

/** Goes on with a person's stream: names and numbers in turn. */
async function change(events: EventStore, make: Maker, nth: number, from: number, count: number) {
  const id = personId(nth);
  const changes = Array.from({ length: count }, (_, at) =>
    at % 2 === 0
      ? make("UserRenamed", { firstName: `Ada ${at}`, lastName: nameOf(nth).lastName }, id)
      : make("UserPhoneChanged", { phone: `+44 20 7946 ${1000 + (at % 9000)}` }, id),
  );
  await events.append(streamName(user, id), from - 1, changes);
}

export type Fixture = {
  people: number;
  /** Events on a person's own stream behind the two that it starts with. */
  changes?: number;
  /** How many the stream of the first person holds in all. */
  longest?: number;
};

/** Fills a folder with people who all have the same password; the first are administrators. */
export async function fill(folder: string, { people, changes = 0, longest = 0 }: Fixture) {
  const stores = await openStores({ data: folder, key: undefined });
  const { events } = stores;
  const make = eventMaker();
  const hash = await hashPassword(PASSWORD);
  await events.append(`organization-${ORGANIZATION}`, "none", [
    make("OrganizationCreated", { code: "bench", name: "Bench" }),
  ]);
  await manyAtOnce(people, AT_ONCE, (nth) => create(stores, make, nth, hash));
  if (changes > 0)
    await manyAtOnce(people, AT_ONCE, (nth) => change(events, make, nth, 2, changes));
  for (let from = 2 + changes; from < longest; from += 500)
    await change(events, make, 0, from, Math.min(500, longest - from));
  await stores.close();
}

export const open = (folder: string): Promise<App> =>
  openApp({ data: folder, key: undefined }, () => new Date());

/** Cookies of sessions, one each for so many people, from the nth on. */
export async function signedIn(folder: string, count: number, from = 0): Promise<string[]> {
  const app = await open(folder);
  const session = async (nth: number) => {
    const account = {
      id: personId(nth),
      organization: ORGANIZATION,
      credential: credentialOf(nth),
    };
    return `daybook=${await openSession(app, account, {})}`;
  };
  const cookies = await Promise.all(Array.from({ length: count }, (_, at) => session(from + at)));
  await app.close();
  return cookies;
}

/** A new folder with so many people in it. */
export async function peopled(setting: Setting, fixture: Fixture): Promise<string> {
  const folder = freshFolder(setting);
  await fill(folder, fixture);
  return folder;
}

/**
 * Waits until a runner has built everything up to a position, and ends it: what it still had to do is
 * done then. Tells whether it came so far in time.
 */
export async function untilBuilt(
  runner: Runner,
  head: number,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  const isBuilt = () =>
    runner.status().every(({ state, position }) => state === "live" && position >= head);
  while (!isBuilt()) {
    if (performance.now() > deadline) return false;
    await delay(5);
  }
  await runner.stop();
  return true;
}

/** Builds the product's read models of a folder. */
export async function project(folder: string): Promise<void> {
  const app = await open(folder);
  const failed = Promise.withResolvers<never>();
  const runner = await startRunner({ ...app, catalogue, onError: failed.reject });
  await Promise.race([untilBuilt(runner, await app.events.head()), failed.promise]);
  await app.close();
}

/** People of the big log: ten events each, a million in all. */
export const bigPeople = ({ quick }: Setting): number => (quick ? 2_000 : 100_000);

/** The big log, without its read models. */
export const bigLog = (setting: Setting): Promise<string> =>
  sharedFolder(setting, "log", async (folder) => {
    const people = bigPeople(setting);
    setting.say(`making a log of ${people * 10} events`);
    await fill(folder, { people, changes: 5 });
  });

/** The file of the events in a folder. */
export const logFile = (folder: string): string => join(folder, "events.db");
