import {
  holderOf,
  type Model,
  once,
  type Person,
  Refused,
  record,
  setPassword,
  signedIn,
  typed,
} from "./model.ts";

/** What people do with their passwords, as rules of the model. */

export const GOOD = [
  "four wooden horses at noon",
  "seven copper kettles by dawn",
  "eleven grey herons in rain",
];
/** Passwords that are refused, with the reason. */
export const POOR: Readonly<Record<string, string>> = {
  "too short": "input/invalid",
  "Daybook Daybook": "password/context",
  aaaaaaaaaaaa: "password/pattern",
};

export function refuseWeak(password: string): void {
  const code = POOR[password];
  if (code) throw new Refused(code);
}

/** Wrong guesses in a row from one network, after which it has to wait for half a minute. */
const GUESSES = 5;
/** Well below the wait that follows the last of them: for so long it is certainly not over. */
const CERTAIN_MS = 15_000;

/** Whether the model can tell what becomes of a guess: it does not know when a wait is over. */
export const isCertain = ({ failures, lastGuessMs }: Person): boolean =>
  failures < GUESSES || Date.now() - lastGuessMs < CERTAIN_MS;

/** Whether a guess is looked at; it counts as wrong until it was right. */
function guess(model: Model, person: Person, by: string): boolean {
  if (person.failures < GUESSES) {
    person.failures++;
    person.lastGuessMs = model.nowMs;
    person.refusalRecorded = false;
    return true;
  }
  // One entry tells of a flood.
  if (!person.refusalRecorded) record(person, "SignInRefused", by);
  person.refusalRecorded = true;
  return false;
}

export function forgiveGuesses(model: Model, person: Person, by: string, commandId: string): void {
  const key = `${commandId} ${person.id} forgiven`;
  if (person.failures === 0 || model.done.has(key)) return;
  model.done.add(key);
  person.failures = 0;
  person.refusalRecorded = false;
  record(person, "SignInFailuresCleared", by);
}

const PUBLIC = "sign-in";

export const accountNamed = (model: Model, name: string) =>
  holderOf(model, name.includes("@") ? "email" : "username", name);

export function signIn(model: Model, browser: string, name: string, password: string): void {
  const failed = new Refused("sign-in/failed");
  const person = accountNamed(model, name);
  if (!person || !guess(model, person, PUBLIC)) throw failed;
  if (person.passwords.at(-1) !== password || person.fields.status === "inactive") {
    record(person, "SignInFailed", PUBLIC);
    throw failed;
  }
  person.failures = 0;
  person.lastSignIn = ++model.signIns;
  record(person, "SignInSucceeded", person.id);
  model.sessions.set(browser, person.id);
}

type Change = { commandId: string; data: { current: string; password: string } };

export function changePassword(model: Model, browser: string, input: Change): void {
  const person = signedIn(model, browser, true);
  const { current, password } = input.data;
  if (POOR[password] === "input/invalid") refuseWeak(password);
  if (password === current) throw new Refused("password/same");
  refuseWeak(password);
  if (!guess(model, person, person.id)) throw new Refused("password/wrong");
  if (person.passwords.at(-1) !== current) {
    record(person, "SignInFailed", person.id);
    throw new Refused("password/wrong");
  }
  setPassword(model, person, password, false);
  model.sessions.set(browser, person.id);
  record(person, "PasswordChanged", person.id);
  model.mails.push({ template: "password-changed", person });
  forgiveGuesses(model, person, person.id, input.commandId);
}

/** Links that are mailed to a person within an hour, which no sequence takes. */
const LINKS = 3;

/** Who is mailed a link, if anybody: the answer tells nobody. */
export function requestLink(
  model: Model,
  input: { commandId: string; data: { email: string } },
): Person | undefined {
  const person = holderOf(model, "email", typed(input.data.email));
  if (!person) return undefined;
  const before = person.linksAsked;
  once(model, input, person, PUBLIC, () => {
    if (person.linksAsked === LINKS) return;
    person.linksAsked++;
    record(person, "PasswordResetRequested", PUBLIC);
    model.mails.push({ template: "password-reset-link", person });
  });
  return person.linksAsked > before ? person : undefined;
}

type Recovery = { commandId: string; data: { token: string; password: string } };

export function recover(model: Model, input: Recovery): { revision: number } {
  const { token, password } = input.data;
  if (POOR[password] === "input/invalid") refuseWeak(password);
  const link = model.links.get(token);
  if (!link) throw new Refused("user/reset-link-spent");
  refuseWeak(password);
  const { person } = link;
  once(model, input, person, person.id, () => {
    if (!link.good) throw new Refused("user/reset-link-spent");
    setPassword(model, person, password, false);
    record(person, "PasswordRecovered", person.id);
    model.mails.push({ template: "password-changed", person });
  });
  forgiveGuesses(model, person, person.id, input.commandId);
  return { revision: person.userRevision };
}
