import fc from "fast-check";
import { test } from "vitest";
import { command } from "../support/client.ts";
import { removeFolder } from "../support/server.ts";
import { looks, SEARCHES } from "./commands-look.ts";
import { peopleCommands } from "./commands-people.ts";
import { sessionCommands } from "./commands-session.ts";
import { lookAtHistory, lookAtHome, lookAtList, lookAtMails, lookAtMe } from "./look.ts";
import { GOOD, signIn } from "./password-rules.ts";
import { BROWSERS, openWorld, send, sendRequest, WATCHERS, type World } from "./world.ts";

/** The seed that a failure printed repeats its run: all of it, whatever the time, as it was. */
const given = process.env.TEST_SEED;
const repeated = given ? { seed: Number(given), endOnFailure: true } : {};

const SEQUENCES = 10;
/** Fewer in most sequences; those that do not fit are left out. */
const COMMANDS_MAX = 80;
/** After this no other sequence is begun, neither a new one nor a shorter one that may fail too. */
const LIMIT_MS = 45_000;

/** Somebody of every role, and of the other organization, each signed in at a browser. */
async function populate(world: World) {
  const people = [
    ["acme", "administrator"],
    ["acme", "auditor"],
    ["acme", "member"],
    ["globex", "administrator"],
  ] as const;
  for (const [at, [watcher, role]] of people.entries()) {
    const username = `first.${at}`;
    const password = GOOD[at % GOOD.length] as string;
    const names = { firstName: "Ida", lastName: `First ${at}` };
    const contact = { email: `${username}@mail.example`, phone: "" };
    const data = { username, ...names, ...contact, role, password };
    await sendRequest(world, watcher, { procedure: "create", input: command(data) });
    const browser = BROWSERS[at] as string;
    await send(
      world,
      () => world.client(browser).session.signIn.mutate({ name: username, password }),
      () => {
        signIn(world.model, browser, username, password);
        return {};
      },
    );
  }
}

/** In the end everything agrees, in both organizations. */
async function lookAtEverything(world: World) {
  for (const browser of BROWSERS) await lookAtMe(world, browser);
  for (const watcher of WATCHERS) {
    await lookAtMails(world, watcher);
    await lookAtHome(world, watcher);
    for (const sort of ["name", "created", "lastSignIn"] as const)
      for (const order of ["ascending", "descending"] as const)
        await lookAtList(world, watcher, { sort, order }, 3);
    await Promise.all(SEARCHES.map((search) => lookAtList(world, watcher, { search })));
    for (const id of world.model.people.keys()) await lookAtHistory(world, watcher, id, true);
  }
}

// Whatever anybody does, in whatever order, and however often the server is killed in between: the
// product does what a few plain rules over maps say, and shows it to everybody at once.
test(
  "whatever people do, the product agrees with the model",
  async () => {
    const command = fc.oneof(
      { weight: 4, arbitrary: peopleCommands },
      { weight: 3, arbitrary: sessionCommands },
      { weight: 1, arbitrary: looks },
    );
    const commands = fc.commands([command], { maxCommands: COMMANDS_MAX, size: "max" });
    const deadline = Date.now() + LIMIT_MS;
    const property = fc.asyncProperty(commands, async (sequence) => {
      if (!given && Date.now() > deadline) return;
      const world = await openWorld();
      try {
        await populate(world);
        await fc.asyncModelRun(() => ({ model: world.model, real: world }), sequence);
        await lookAtEverything(world);
      } finally {
        await world.server.end();
        await removeFolder(world.server.data);
      }
    });
    await fc.assert(property, { ...repeated, numRuns: SEQUENCES });
  },
  6 * LIMIT_MS,
);
