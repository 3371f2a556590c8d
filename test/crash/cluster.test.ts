import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startEngines } from "../support/engines.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mailServer } from "../support/mail-server.ts";
import { type Random, seeded, testSeed } from "../support/random.ts";
import { problemsIn, quiet } from "./checks.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { disturb, disturbances } from "./disturbances.ts";
import { prepare } from "./installation.ts";
import { type Journal, newJournal } from "./journal.ts";
import { faults } from "./length.ts";
import { timesAccepted } from "./log-checks.ts";
import { peopleAtWork } from "./working.ts";

const PAUSE_MS = 100;
const TEST_MS = 300_000;

const seed = testSeed();
const place = temporaryFolder();

type Engines = Awaited<ReturnType<typeof startEngines>>;
type Happening = (cluster: Cluster, engines: Engines, journal: Journal, random: Random) => unknown;

/** People work while something happens; then all is calm, and what they were answered must hold. */
async function answersHoldWhile(size: { apis: number; workers: number }, happening: Happening) {
  const mails = await place.opened(mailServer());
  const engines = await place.opened(startEngines(place.path()));
  const { EVENTSTORE_URL: eventStoreUrl, MONGODB_URL: mongodbUrl, DAYBOOK_KEY: key } = engines.env;
  const data = place.file("data");
  const { people: made, head } = await prepare({ data, key, eventStoreUrl, mongodbUrl });
  const standing = [...made];
  const journal = newJournal(made);
  const settings = { DAYBOOK_DEMO: "0", SMTP_URL: mails.url };
  const cluster = openCluster(data, engines, settings, size);
  await place.opened(Promise.resolve({ close: () => cluster.end("SIGKILL") }));

  const random = seeded(seed);
  const people = await peopleAtWork(cluster, journal, standing, random, PAUSE_MS);
  const work = people.begin();
  const happened = await happening(cluster, engines, journal, random.fork("happening"));
  work.stop();
  cluster.calm();
  await work.ended;
  await quiet(cluster, people.first, false);
  await cluster.end("SIGTERM");

  const accepted = timesAccepted(mails.delivered);
  const problems = await problemsIn(cluster, { journal, accepted, after: head, allSent: false });
  expect(problems, `TEST_SEED=${seed}\n${happened}`).toEqual([]);
  return journal.asked.filter(({ refused, forgotten }) => !refused && !forgotten).length;
}

describe(`several processes on production engines, TEST_SEED=${seed}`, () => {
  test(
    `hold what two APIs and three workers answered over ${faults} faults`,
    async () => {
      process.stdout.write(`cluster test with TEST_SEED=${seed}\n`);
      const answered = await answersHoldWhile(
        { apis: 2, workers: 3 },
        async (cluster, engines, { asked }, random) => {
          const all = disturbances(cluster, engines);
          return (await disturb(all, faults, random, asked)).join("\n");
        },
      );
      // Else it would have shown nothing.
      expect(answered).toBeGreaterThan(faults);
    },
    TEST_MS + faults * 10_000,
  );

  test(
    "lose and repeat nothing when there are four workers instead of one, and one again",
    async () => {
      const answered = await answersHoldWhile({ apis: 1, workers: 1 }, async (cluster) => {
        for (const workers of [4, 2, 1]) {
          await delay(3000);
          await cluster.scale(workers);
        }
        await delay(3000);
      });
      expect(answered).toBeGreaterThan(0);
    },
    TEST_MS,
  );
});
