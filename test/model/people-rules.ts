import type { Role } from "@daybook/domain";
import {
  administrator,
  endSessions,
  type Fields,
  holderOf,
  type Model,
  once,
  type Person,
  Refused,
  record,
  refuseReused,
  setPassword,
  spendLinks,
  typed,
} from "./model.ts";
import { forgiveGuesses, refuseWeak } from "./password-rules.ts";

/** What administrators do to people, as rules of the model. */

type Envelope = { commandId: string };
export type OnPerson<D = object> = Envelope & { id: string; revision?: number; data: D };
export type NewPerson = Pick<
  Fields,
  "username" | "email" | "firstName" | "lastName" | "phone" | "role"
> & { password?: string };

/** What the product answered; the model learns from it what the product made up. */
export type Answer = {
  revision?: number;
  position?: number;
  user?: string;
  temporaryPassword?: string | undefined;
};

/** A rule refuses or does what was asked, and tells the revision to be answered. */
type Rule<I> = (model: Model, browser: string, input: I, answer: Answer) => { revision: number };

function colleague(model: Model, by: Person, { id }: { id: string }): Person {
  const person = model.people.get(id);
  if (person?.organization !== by.organization) throw new Refused("user/unknown");
  return person;
}

/** A command on a person, or on their place in the organization. */
const change =
  <D>(
    stream: "userRevision" | "membershipRevision",
    decide: (person: Person, by: Person, data: D, model: Model, answer: Answer) => void,
  ): Rule<OnPerson<D>> =>
  (model, browser, input, answer) => {
    const by = administrator(model, browser);
    const person = colleague(model, by, input);
    once(model, input, person, by.id, () => {
      if (input.revision !== undefined && input.revision !== person[stream])
        throw new Refused("revision/changed");
      decide(person, by, input.data, model, answer);
    });
    return { revision: person[stream] };
  };

function notOneself(person: Person, by: Person, code = "membership/self") {
  if (person === by) throw new Refused(code);
}

const setEmail = change<{ email: string }>("userRevision", (person, by, data, model) => {
  const email = typed(data.email);
  if (email === person.fields.email) return;
  spendLinks(model, person);
  record(person, "UserEmailChanged", by.id, { email });
});

const changeEmail: Rule<OnPerson<{ email: string }>> = (model, browser, input, answer) => {
  const by = administrator(model, browser);
  const person = colleague(model, by, input);
  const holder = holderOf(model, "email", input.data.email);
  if (holder !== person) {
    refuseReused(model, input, by.id);
    if (holder) throw new Refused("user/email-taken");
    // The address is taken under this id, also where the change is then refused.
    model.ids.set(input.commandId, by.id);
  }
  return setEmail(model, browser, input, answer);
};

const resetOnce = change<object>("userRevision", (person, by, _, model, { temporaryPassword }) => {
  notOneself(person, by, "user/reset-self");
  setPassword(model, person, temporaryPassword ?? "", true);
  record(person, "PasswordReset", by.id);
  model.mails.push({ template: "password-reset", person });
});

const resetPassword: Rule<OnPerson> = (model, browser, input, answer) => {
  const outcome = resetOnce(model, browser, input, answer);
  const by = administrator(model, browser);
  forgiveGuesses(model, colleague(model, by, input), by.id, input.commandId);
  return outcome;
};

/** Somebody who is new, as they are in the model. */
export function addPerson(
  model: Model,
  { password, role, ...identity }: NewPerson,
  by: { id: string; organization: string },
  { commandId, answer }: Envelope & { answer: Answer },
): Person {
  const person: Person = {
    id: answer.user ?? "",
    organization: by.organization,
    madeBy: commandId,
    fields: {},
    addresses: [],
    passwords: [password ?? answer.temporaryPassword ?? ""],
    mustChangePassword: password === undefined,
    userRevision: -1,
    membershipRevision: -1,
    lastSignIn: 0,
    history: [],
    linksAsked: 0,
    failures: 0,
    lastGuessMs: 0,
    refusalRecorded: false,
  };
  const { username, email, firstName, lastName, phone } = identity;
  const unique = { username: typed(username), email: typed(email) };
  record(person, "UserCreated", by.id, { ...unique, firstName, lastName, phone });
  record(person, "PasswordAssigned", by.id, { temporary: password === undefined });
  record(person, "MemberAdded", by.id, { role, status: "active" });
  model.people.set(person.id, person);
  return person;
}

const create: Rule<Envelope & { data: NewPerson }> = (model, browser, input, answer) => {
  const by = administrator(model, browser);
  const { commandId, data } = input;
  if (data.password !== undefined) refuseWeak(data.password);
  refuseReused(model, input, by.id);
  const existing = [...model.people.values()].find(({ madeBy }) => madeBy === commandId);
  if (existing) return { revision: existing.userRevision };
  if (holderOf(model, "email", data.email)) throw new Refused("user/email-taken");
  // The address is taken under this id, also where the username then is not to be had.
  model.ids.set(commandId, by.id);
  if (holderOf(model, "username", data.username)) throw new Refused("user/username-taken");
  const person = addPerson(model, data, by, { commandId, answer });
  model.mails.push({ template: "account-created", person });
  return { revision: person.userRevision };
};

export const peopleRules = {
  create,
  changeEmail,
  resetPassword,
  rename: change<Pick<Fields, "firstName" | "lastName">>("userRevision", (person, by, names) =>
    record(person, "UserRenamed", by.id, names),
  ),
  changePhone: change<Pick<Fields, "phone">>("userRevision", (person, by, { phone }) =>
    record(person, "UserPhoneChanged", by.id, { phone }),
  ),
  changeRole: change<{ role: Role }>("membershipRevision", (person, by, { role }) => {
    if (person.fields.role === role) return;
    notOneself(person, by);
    record(person, "MemberRoleChanged", by.id, { role });
  }),
  deactivate: change<object>("membershipRevision", (person, by, _, model) => {
    if (person.fields.status === "inactive") return;
    notOneself(person, by);
    endSessions(model, person);
    record(person, "MemberDeactivated", by.id, { status: "inactive" });
  }),
  reactivate: change<object>("membershipRevision", (person, by) => {
    if (person.fields.status === "inactive")
      record(person, "MemberReactivated", by.id, { status: "active" });
  }),
};
