import type { Role } from "@daybook/domain";
import { type Entry, type Model, type Person, typed } from "./model.ts";

/** What queries should answer, by the model alone: everything is gone through, nothing is indexed. */

export type Listing = {
  search?: string;
  status?: "active" | "inactive";
  role?: Role;
  sort?: "name" | "created" | "lastSignIn";
  order?: "ascending" | "descending";
};

const fold = (text = ""): string => text.toLowerCase().normalize("NFC");

const sortName = ({ fields }: Person) => `${fold(fields.lastName)} ${fold(fields.firstName)}`;

/** What a search finds somebody by, the least of it first. */
const termsFound = (person: Person, search: string): string[] => {
  const { firstName, username, email } = person.fields;
  return [sortName(person), fold(firstName), username ?? "", email ?? ""]
    .filter((text) => text.startsWith(typed(search)))
    .sort((one, other) => (one < other ? -1 : 1));
};

/** In the order of a value, then of the id. */
const by =
  (value: (person: Person) => string | number) =>
  (one: Person, other: Person): number => {
    const [a, b] = [value(one), value(other)];
    if (a === b) return one.id < other.id ? -1 : 1;
    return a < b ? -1 : 1;
  };

/** Everybody of an organization whom a list shows, in its order. */
export function listed(model: Model, organization: string, listing: Listing): Person[] {
  const { search, status, role, sort = "name", order } = listing;
  const everybody = [...model.people.values()];
  const value = {
    name: sortName,
    created: (person: Person) => everybody.indexOf(person),
    lastSignIn: ({ lastSignIn }: Person) => lastSignIn,
  }[sort];
  const found = everybody
    .filter((person) => person.organization === organization)
    .filter(({ fields }) => !status || fields.status === status)
    .filter(({ fields }) => !role || fields.role === role)
    .filter((person) => !search || termsFound(person, search).length > 0);
  // Who is searched for comes in the order of what was found, whatever order is asked for.
  if (search) return found.sort(by((person) => termsFound(person, search)[0] ?? ""));
  found.sort(by(value));
  return order === "descending" ? found.reverse() : found;
}

/** A row as a list or a page shows it. */
export function rowOf({ fields: { temporary: _, ...fields }, ...person }: Person) {
  const { id, organization, mustChangePassword, userRevision, membershipRevision } = person;
  const signedIn = person.lastSignIn > 0;
  const revisions = { userRevision, membershipRevision };
  return { id, organization, ...fields, mustChangePassword, ...revisions, signedIn };
}

/** An entry that follows the answer of a command: it is there soon, not at once. */
const followsLater = ({ type }: { type: string }): boolean => type === "SignInFailuresCleared";

export const settled = <E extends { type: string }>(entries: readonly E[]): E[] =>
  entries.filter((entry) => !followsLater(entry));

/** Newest first. */
export const historyOf = ({ history }: Person): Entry[] => history.toReversed();

/** The names of the person and of those who acted; not every actor is a person. */
export const namesOf = (model: Model, { id, history }: Person) =>
  Object.fromEntries(
    [id, ...history.map(({ by }) => by)].flatMap((one) => {
      const { firstName, lastName } = model.people.get(one)?.fields ?? {};
      return firstName === undefined ? [] : [[one, { firstName, lastName }]];
    }),
  );

/** The mails of an organization, newest first. */
export const mailsOf = (model: Model, organization: string) =>
  model.mails.filter(({ person }) => person.organization === organization).toReversed();

/** What the home page counts, all hours together. */
export function homeOf(model: Model, organization: string) {
  const people = [...model.people.values()].filter((one) => one.organization === organization);
  const are = (status: string) => people.filter(({ fields }) => fields.status === status).length;
  const entries = people.flatMap(({ history }) => history);
  const outcomes = ["SignInSucceeded", "SignInFailed", "SignInRefused"].map(
    (outcome) => entries.filter(({ type }) => type === outcome).length,
  );
  return {
    people: { active: are("active"), inactive: are("inactive") },
    ...{ outcomes, mails: mailsOf(model, organization).length },
  };
}

const permissions = {
  administrator: ["people:read", "people:write", "history:read", "mail:read", "operations:read"],
  auditor: ["people:read", "history:read", "mail:read", "operations:read"],
  member: [],
};

/** What a browser learns of who is signed in there. */
export function meOf(model: Model, browser: string) {
  const person = model.people.get(model.sessions.get(browser) ?? "");
  if (!person) return null;
  const { id, organization, mustChangePassword } = person;
  const { username, email, firstName, lastName, role = "member" } = person.fields;
  return {
    user: { id, username, email, firstName, lastName },
    organization,
    role,
    permissions: permissions[role],
    mustChangePassword,
  };
}
