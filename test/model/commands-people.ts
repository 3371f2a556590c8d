import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { expect } from "vitest";
import { command } from "../support/client.ts";
import { lookAround } from "./look.ts";
import { GOOD, POOR } from "./password-rules.ts";
import type { Answer } from "./people-rules.ts";
import { browser, idOf, others, pick, picked, sender, step } from "./step.ts";
import { outcomeOf, type Request, restart, sendRequest, type World } from "./world.ts";

/** What administrators do, or try to do though they are none. */

/** As people type it: in any case, with spaces around. */
const inAnyWriting = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.constantFrom("as it is", "upper", "spaced"))
    .map(([one, how]) =>
      how === "upper" ? one.toUpperCase() : how === "spaced" ? ` ${one} ` : one,
    );

const emailOf = (count: number) =>
  inAnyWriting(fc.nat({ max: count - 1 }).map((n) => `box${n}@mail.example`));
const username = inAnyWriting(fc.nat({ max: 19 }).map((n) => `user.${n}`));
const name = fc.constantFrom("Ada", "ada", "Zoë", "O'Neil", "李", "van Dyke", "Årst", "Zoe");
const phone = fc.constantFrom("", "+44 20 7946 0958", "020 7946 0100");
const role = fc.constantFrom("administrator", "auditor", "member");
const password = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...GOOD) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(POOR)) },
);

/** Where the password is left out, one is generated. */
const newPerson = fc.record(
  { username, email: emailOf(12), firstName: name, lastName: name, phone, role, password },
  { requiredKeys: ["username", "email", "firstName", "lastName", "phone", "role"] },
);

const data = {
  rename: fc.record({ firstName: name, lastName: name }),
  changePhone: fc.record({ phone }),
  // So few that people often want the one that another has, or had.
  changeEmail: fc.record({ email: emailOf(4) }),
  changeRole: fc.record({ role }),
  deactivate: fc.constant({}),
  reactivate: fc.constant({}),
  resetPassword: fc.constant({}),
};
type OnPerson = keyof typeof data;

const ofMembership = (procedure: OnPerson): boolean =>
  ["changeRole", "deactivate", "reactivate"].includes(procedure);

/** The revision that is sent along: none, the one that is shown, or one of before. */
const seen = fc.constantFrom("none", "shown", "stale");

const change = (procedure: OnPerson) =>
  fc.record({ procedure: fc.constant(procedure), data: data[procedure], pick, seen });
export const anyChange = fc.oneof(
  ...(Object.keys(data) as OnPerson[]).map(change),
  // What most follows from, more often than the rest.
  ...(["changeEmail", "changeEmail", "deactivate", "reactivate"] as const).map(change),
);
type Change = typeof anyChange extends fc.Arbitrary<infer C> ? C : never;

function requestOf({ model }: World, { procedure, data, pick, seen }: Change): Request {
  const person = picked(model, pick);
  const shown = person?.[ofMembership(procedure) ? "membershipRevision" : "userRevision"] ?? 0;
  const revision = { none: {}, shown: { revision: shown }, stale: { revision: shown - 1 } }[seen];
  return {
    procedure,
    input: { ...command(data), id: person?.id ?? idOf(model, pick), ...revision },
  };
}

const targetOf = ({ input }: Request, answer: Answer): string | undefined =>
  "id" in input ? input.id : answer.user;

async function sendAndLook(world: World, browser: string, request: Request) {
  const answer = await sendRequest(world, browser, request);
  await lookAround(world, browser, targetOf(request, answer));
}

const create = step("create", fc.record({ sender, data: newPerson }), (world, { sender, data }) =>
  sendAndLook(world, sender, { procedure: "create", input: command(data) }),
);

export const sendChange = (world: World, sender: string, change: Change) =>
  sendAndLook(world, sender, requestOf(world, change));

/** One after the other to the same person: what follows from two of them is met more often. */
const changes = step(
  "changes",
  fc.record({ sender, pick, changes: fc.array(anyChange, { minLength: 1, maxLength: 4 }) }),
  async (world, { sender, pick, changes }) => {
    for (const change of changes) await sendChange(world, sender, { ...change, pick });
  },
);

/** Whoever is signed in there tries it on themselves. */
const changesSelf = step(
  "changeSelf",
  fc.record({ browser, change: anyChange }),
  async (world, { browser, change }) => {
    const ids = others(world.model).map(({ id }) => id);
    const pick = ids.indexOf(world.model.sessions.get(browser) ?? "");
    if (pick >= 0) await sendChange(world, browser, { ...change, pick });
  },
);

/** A command that was sent before, under the same id: by whoever sends it this time. */
const repeat = step(
  "repeat",
  fc.record({ sender: fc.oneof(sender, fc.constant("one")), ago: fc.nat({ max: 8 }) }),
  async (world, { sender, ago }) => {
    const request = world.sent.at(-1 - ago);
    if (!request) return;
    const first = world.secrets.get(request.input.commandId);
    const answer = await sendRequest(world, sender, request);
    // The password that was shown once is shown again to whoever asked for it, and is no other.
    if (first) expect(answer.temporaryPassword ?? first).toBe(first);
    await lookAround(world, sender, targetOf(request, answer));
  },
);

/**
 * The server is killed while the command is under way, and nobody knows whether it was done: it is
 * sent again to the next, and was done once. Not a change of address: cut off, it may hold the old
 * one for half a minute.
 */
const cutOff = step(
  "cutOff",
  fc.record({
    sender,
    request: fc.oneof(
      newPerson.map((data) => ({ procedure: "create" as const, data })),
      anyChange.filter(({ procedure }) => procedure !== "changeEmail"),
    ),
    afterMs: fc.nat({ max: 25 }),
  }),
  async (world, { sender, request, afterMs }) => {
    const sent: Request =
      request.procedure === "create"
        ? { procedure: "create", input: command(request.data) }
        : requestOf(world, request);
    const answer = await sendRequest(world, sender, sent, async (call) => {
      const first = outcomeOf(call()).catch(() => {});
      await delay(afterMs);
      await restart(world, "SIGKILL");
      await first;
    });
    await lookAround(world, sender, targetOf(sent, answer));
  },
);

export const peopleCommands = fc.oneof(
  { weight: 6, arbitrary: create },
  { weight: 10, arbitrary: changes },
  { weight: 3, arbitrary: changesSelf },
  { weight: 5, arbitrary: repeat },
  { weight: 1, arbitrary: cutOff },
);
