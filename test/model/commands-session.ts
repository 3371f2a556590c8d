import fc from "fast-check";
import { resetToken } from "../api/people.ts";
import { command } from "../support/client.ts";
import { anyChange, sendChange } from "./commands-people.ts";
import { lookAround, lookAtMe } from "./look.ts";
import type { Model, Person } from "./model.ts";
import {
  accountNamed,
  changePassword,
  GOOD,
  isCertain,
  POOR,
  recover,
  requestLink,
  signIn,
} from "./password-rules.ts";
import { browser, pick, picked, step } from "./step.ts";
import { restart, send, type World } from "./world.ts";

/** What people do by themselves, signed in or not, and what happens to the server. */

const name = fc.constantFrom("username", "email", "USERNAME", " EMAIL ", "an address of before");
const password = fc.constantFrom("right", "right", "right", "right", "wrong", "old");

type Guess = { pick: number; name: string; password: string };

function nameOf(person: Person | undefined, how: string): string {
  if (!person) return "nobody.at.all";
  const { username = "", email = "" } = person.fields;
  const names: Record<string, string> = {
    username,
    email,
    USERNAME: username.toUpperCase(),
    " EMAIL ": ` ${email.toUpperCase()} `,
  };
  return names[how] ?? (person.addresses[0] as string);
}

const passwordOf = (person: Person | undefined, how: string): string =>
  (how === "wrong" ? undefined : person?.passwords.at(how === "old" ? 0 : -1)) ?? "not this one";

function guessOf(model: Model, { pick, name, password }: Guess) {
  const person = picked(model, pick);
  return { name: nameOf(person, name), password: passwordOf(person, password) };
}

/** Whether the model knows what becomes of another guess at this name. */
const canTell = (model: Model, given: Guess): boolean => {
  const account = accountNamed(model, guessOf(model, given).name);
  return !account || isCertain(account);
};

async function trySignIn(
  world: World,
  browser: string,
  { name, password }: Record<string, string>,
) {
  const guess = { name: name as string, password: password as string };
  const call = () => world.client(browser).session.signIn.mutate(guess);
  await send(world, call, () => {
    signIn(world.model, browser, guess.name, guess.password);
    return {};
  });
  await lookAround(world, browser, accountNamed(world.model, guess.name)?.id);
}

const signsIn = step(
  "signIn",
  fc.record({ browser, pick, name, password }),
  (world, given) => trySignIn(world, given.browser, guessOf(world.model, given)),
  canTell,
);

/** Enough wrong guesses that the account is paused for this network, and then the right one. */
const guesses = step(
  "guesses",
  fc.record({ browser, pick, times: fc.integer({ min: 3, max: 6 }) }),
  async (world, { browser, pick, times }) => {
    const { name, password } = guessOf(world.model, { pick, name: "email", password: "right" });
    for (let time = 0; time < times; time++)
      await trySignIn(world, browser, { name, password: `wrong guess ${time}` });
    await trySignIn(world, browser, { name, password });
  },
  (model, { pick }) => canTell(model, { pick, name: "email", password: "right" }),
);

const signsOut = step("signOut", browser, async (world, browser) => {
  await send(
    world,
    () => world.client(browser).session.signOut.mutate(),
    () => {
      world.model.sessions.delete(browser);
      return {};
    },
  );
  await lookAtMe(world, browser);
});

const newPassword = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...GOOD) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(POOR)) },
);

const signedInAt = ({ people, sessions }: Model, browser: string) =>
  people.get(sessions.get(browser) ?? "");

const changesPassword = step(
  "changePassword",
  fc.record({ browser, current: password, password: newPassword }),
  async (world, { browser, current: how, password }) => {
    const person = signedInAt(world.model, browser);
    const input = command({ current: passwordOf(person, how), password });
    await send(
      world,
      () => world.client(browser).session.changePassword.mutate(input),
      () => {
        changePassword(world.model, browser, input);
        return {};
      },
    );
    await lookAround(world, browser, person?.id);
  },
  (model, { browser }) => {
    const person = signedInAt(model, browser);
    return !person || isCertain(person);
  },
);

async function requestAndRead(world: World, browser: string, email: string) {
  const input = command({ email });
  let mailed: Person | undefined;
  await send(
    world,
    () => world.client(browser).session.requestPasswordReset.mutate(input),
    () => {
      mailed = requestLink(world.model, input);
      return {};
    },
  );
  if (mailed) await readLink(world, mailed);
  await lookAround(world, browser, mailed?.id);
}

/** The link that was mailed last, as its reader finds it. */
async function readLink({ model, server }: World, person: Person) {
  const { email = "" } = person.fields;
  const before = [...model.links.values()].filter(({ to }) => to === email).length;
  const token = await resetToken(server, email, before + 1);
  model.links.set(token, { person, to: email, good: true });
}

/** Asks for a link; an address that nobody has is answered like any other. */
const requestsLink = step(
  "requestLink",
  fc.record({ browser, pick, name: fc.constantFrom("email", " EMAIL ", "an address of before") }),
  (world, { browser, pick, name }) => {
    const person = picked(world.model, pick);
    return requestAndRead(world, browser, person ? nameOf(person, name) : "nobody@mail.example");
  },
);

/** Follows one of the last links, or none of ours, with the same command once or twice. */
async function follow(
  world: World,
  { browser, ago, password, times }: { browser: string; ago: number } & NewPassword,
) {
  const token = [...world.model.links.keys()].at(-1 - ago) ?? "no.such.link";
  const input = command({ token, password });
  for (let time = 0; time < times; time++)
    await send(
      world,
      () => world.client(browser).session.recoverPassword.mutate(input),
      () => recover(world.model, input),
    );
  await lookAround(world, browser, world.model.links.get(token)?.person.id);
}

type NewPassword = { password: string; times: number };
const times = fc.integer({ min: 1, max: 2 });

const follows = step(
  "follow",
  fc.record({ browser, ago: fc.nat({ max: 3 }), password: newPassword, times }),
  follow,
);

/** A link is asked for, something else is done to the person, and the link is followed. */
const recovers = step(
  "recover",
  fc.record({ browser, change: anyChange, password: newPassword, times }),
  async (world, { change, ...given }) => {
    const person = picked(world.model, change.pick);
    if (person) await requestAndRead(world, given.browser, person.fields.email ?? "");
    await sendChange(world, "acme", change);
    await follow(world, { ...given, ago: 0 });
  },
);

const ending = fc.constantFrom("SIGTERM", "SIGKILL", "without views");

const restarts = step("restart", ending, async (world, how) => {
  if (how === "without views") await restart(world, "SIGTERM", true);
  else await restart(world, how);
  await lookAround(world, "acme");
});

export const sessionCommands = fc.oneof(
  { weight: 8, arbitrary: signsIn },
  { weight: 4, arbitrary: changesPassword },
  { weight: 2, arbitrary: fc.oneof(requestsLink, follows) },
  { weight: 3, arbitrary: recovers },
  { weight: 2, arbitrary: guesses },
  { weight: 1, arbitrary: signsOut },
  { weight: 1, arbitrary: restarts },
);
