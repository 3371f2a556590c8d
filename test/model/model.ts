import type { MailTemplate, Role } from "@daybook/domain";

/** The refusal that a rule of the model asks for. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

type Shown = string | boolean;
export type Change = { field: string; from?: Shown; to: Shown };
export type Entry = { type: string; by: string; changes: Change[] };

/** What people type about a person, and what a timeline shows. */
export type Fields = {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  phone: string;
  role: Role;
  status: "active" | "inactive";
  /** Whether the first password was generated. */
  temporary: boolean;
};

export type Person = {
  id: string;
  organization: string;
  /** The command that made the person. */
  madeBy: string;
  fields: Partial<Fields>;
  /** Every address there was. */
  addresses: string[];
  /** Every password there was, the one in force last. */
  passwords: string[];
  mustChangePassword: boolean;
  userRevision: number;
  membershipRevision: number;
  /** The how-manieth sign-in of all was the person's last; 0 before the first. */
  lastSignIn: number;
  history: Entry[];
  linksAsked: number;
  /** Wrong guesses in a row: all of them come from one network here. */
  failures: number;
  lastGuessMs: number;
  refusalRecorded: boolean;
};

/** What the product has been told, in plain maps. */
export type Model = {
  people: Map<string, Person>;
  /** Who is signed in, by browser. */
  sessions: Map<string, string>;
  /** Who used a command id first. */
  ids: Map<string, string>;
  /** What was done, by command id and person. */
  done: Set<string>;
  /** The reset links that were mailed. */
  links: Map<string, { person: Person; to: string; good: boolean }>;
  mails: { template: MailTemplate; person: Person }[];
  signIns: number;
  /** When the request that is answered now was sent. */
  nowMs: number;
};

export const emptyModel = (): Model => ({
  people: new Map(),
  sessions: new Map(),
  ids: new Map(),
  done: new Set(),
  links: new Map(),
  mails: [],
  signIns: 0,
  nowMs: 0,
});

/** What all rules agree on. */

export const typed = (text: string): string => text.trim().toLowerCase();

export const holderOf = (model: Model, field: "email" | "username", value: string) =>
  [...model.people.values()].find(({ fields }) => fields[field] === typed(value));

/** Who is signed in there and may go on, as far as the password is concerned. */
export function signedIn(model: Model, browser: string, changing = false): Person {
  const person = model.people.get(model.sessions.get(browser) ?? "");
  if (!person) throw new Refused("session/required");
  if (person.mustChangePassword && !changing) throw new Refused("session/password-change-required");
  return person;
}

/** Who is signed in there and may see people, histories and mails. */
export function reader(model: Model, browser: string): Person {
  const person = signedIn(model, browser);
  if (person.fields.role === "member") throw new Refused("session/forbidden");
  return person;
}

export function administrator(model: Model, browser: string): Person {
  const person = signedIn(model, browser);
  if (person.fields.role !== "administrator") throw new Refused("session/forbidden");
  return person;
}

/** Something happened to a person: what it set is what they are from now on. */
export function record(person: Person, type: string, by: string, set: Partial<Fields> = {}): void {
  const changes = Object.entries(set).flatMap(([field, to]): Change[] => {
    const from = person.fields[field as keyof Fields];
    if (from === to) return [];
    return [from === undefined ? { field, to } : { field, from, to }];
  });
  Object.assign(person.fields, set);
  if (set.email) person.addresses.push(set.email);
  person.history.push({ type, by, changes });
  if (type.startsWith("Member")) person.membershipRevision++;
  else if (!type.startsWith("SignIn")) person.userRevision++;
}

/** A command id is whose it was first, and does its work on a person once. */
export function refuseReused(model: Model, { commandId }: { commandId: string }, by: string): void {
  if ((model.ids.get(commandId) ?? by) !== by) throw new Refused("command/id-reused");
}

export function once(
  model: Model,
  input: { commandId: string },
  person: Person,
  by: string,
  work: () => void,
): void {
  refuseReused(model, input, by);
  const key = `${input.commandId} ${person.id}`;
  if (model.done.has(key)) return;
  const before = person.history.length;
  work();
  if (person.history.length === before) return;
  model.done.add(key);
  model.ids.set(input.commandId, by);
}

export function endSessions(model: Model, person: Person): void {
  for (const [browser, id] of model.sessions) if (id === person.id) model.sessions.delete(browser);
}

export function spendLinks(model: Model, person: Person): void {
  for (const link of model.links.values()) if (link.person === person) link.good = false;
}

/** A new password ends what the one before opened. */
export function setPassword(model: Model, person: Person, password: string, temporary: boolean) {
  person.passwords.push(password);
  person.mustChangePassword = temporary;
  endSessions(model, person);
  spendLinks(model, person);
}
