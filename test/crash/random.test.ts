import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mailServer } from "../support/mail-server.ts";
import { type Random, seeded, testSeed } from "../support/random.ts";
import { dataFolder, removeFolder } from "../support/server.ts";
import { problemsIn, quiet } from "./checks.ts";
import { type Installation, openInstallation, prepare } from "./installation.ts";
import { type Journal, newJournal } from "./journal.ts";
import { kills, longRun } from "./length.ts";
import { timesAccepted } from "./log-checks.ts";
import { peopleAtWork } from "./working.ts";

/** Clients think for so long at most: enough commands are under way at each kill. */
const PAUSE_MS = 30;

let data: string;
let mails: Awaited<ReturnType<typeof mailServer>>;
let place: Installation;
beforeAll(async () => {
  data = await dataFolder();
  mails = await mailServer();
  place = openInstallation(data, { DAYBOOK_DEMO: "0", SMTP_URL: mails.url });
});
afterAll(async () => {
  await place.end("SIGKILL");
  await mails.close();
  await removeFolder(data);
});

/**
 * Starts the server and kills it, so many times: now and then while it starts, else at a moment after
 * it has answered a few commands, however slow the machine is.
 */
async function killAgainAndAgain(times: number, { asked }: Journal, random: Random) {
  for (let killed = 0; killed < times; killed++) {
    const starting = random.chance(0.2);
    const enough = asked.length + (starting ? 0 : random.between(1, 10));
    const delayMs = random.between(0, starting ? 1000 : 200);
    place.start();
    while (asked.length < enough) await delay(5);
    await delay(delayMs);
    await place.end("SIGKILL");
  }
}

const seed = testSeed();
const halves = [Math.ceil(kills / 2), Math.floor(kills / 2)];

test(
  `what was answered holds over ${kills} kills, TEST_SEED=${seed}`,
  async () => {
    process.stdout.write(`crash test with TEST_SEED=${seed}\n`);
    const { people: made, head } = await prepare({ data, key: undefined });
    const standing = [...made];
    const journal = newJournal(made);
    const random = seeded(seed);
    const clock = random.fork("kills");
    place.start();
    const people = await peopleAtWork(place, journal, standing, random, PAUSE_MS);
    await place.end("SIGKILL");

    for (const [half, times] of halves.entries()) {
      const work = people.begin();
      await killAgainAndAgain(times, journal, clock);
      work.stop();
      place.start();
      await work.ended;

      const allSent = longRun && half === halves.length - 1;
      await quiet(place, people.first, allSent);
      await place.end("SIGTERM");
      const accepted = timesAccepted(mails.delivered);
      const problems = await problemsIn(place, { journal, accepted, after: head, allSent });
      expect(problems, `TEST_SEED=${seed}`).toEqual([]);
    }
    // Else it would have shown nothing.
    expect(
      journal.asked.filter(({ refused, forgotten }) => !refused && !forgotten).length,
    ).toBeGreaterThan(kills);
  },
  600_000 + kills * 10_000,
);
