import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startEngines } from "../support/engines.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mailServer } from "../support/mail-server.ts";
import { seeded, testSeed } from "../support/random.ts";
import { problemsIn, quiet } from "./checks.ts";
import { openClient } from "./client.ts";
import { administering, auditing } from "./clients.ts";
import { openCluster } from "./cluster.ts";
import { disturb, disturbances } from "./disturbances.ts";
import { ADMINISTRATORS, AUDITOR, prepare } from "./installation.ts";
import { newJournal } from "./journal.ts";
import { faults } from "./length.ts";
import { timesAccepted } from "./log-checks.ts";

const CLIENTS = [...ADMINISTRATORS, ...ADMINISTRATORS, AUDITOR];
const PAUSE_MS = 100;

const seed = testSeed();
const place = temporaryFolder();

test(
  `two APIs and three workers on production engines hold what was answered over ${faults} faults, TEST_SEED=${seed}`,
  async () => {
    process.stdout.write(`cluster test with TEST_SEED=${seed}\n`);
    const mails = await place.opened(mailServer());
    const engines = await place.opened(startEngines(place.path()));
    const { EVENTSTORE_URL, MONGODB_URL, DAYBOOK_KEY } = engines.env;
    const stores = { data: place.file("data"), key: DAYBOOK_KEY };
    const prepared = await prepare({
      ...{ ...stores, eventStoreUrl: EVENTSTORE_URL, mongodbUrl: MONGODB_URL },
    });
    const standing = [...prepared.people];
    const journal = newJournal(prepared.people);
    const settings = { DAYBOOK_DEMO: "0", SMTP_URL: mails.url };
    const cluster = openCluster(stores.data, engines, settings, { apis: 2, workers: 3 });
    await place.opened(Promise.resolve({ close: () => cluster.end("SIGKILL") }));

    const random = seeded(seed);
    const clients = await Promise.all(CLIENTS.map((name) => openClient(cluster, journal, name)));
    let over = false;
    const working = clients.map(async (client, index) => {
      const own = random.fork(`client ${index}`);
      const step =
        CLIENTS[index] === AUDITOR
          ? auditing(client, own, standing)
          : administering(client, own, `client${index}`);
      while (!over) {
        await step();
        await delay(own.between(0, PAUSE_MS));
      }
    });
    const happened = await disturb(
      disturbances(cluster, engines),
      faults,
      random.fork("faults"),
      journal.asked,
    );
    over = true;
    cluster.calm();
    await Promise.all(working);
    await quiet(cluster, clients[0] ?? expect.fail(), false);
    await cluster.end("SIGTERM");

    const accepted = timesAccepted(mails.delivered);
    const after = prepared.head;
    const problems = await problemsIn(cluster, { journal, accepted, after, allSent: false });
    expect(problems, `TEST_SEED=${seed}\n${happened.join("\n")}`).toEqual([]);
    // Else it would have shown nothing.
    const answered = journal.asked.filter(({ refused, forgotten }) => !refused && !forgotten);
    expect(answered.length).toBeGreaterThan(faults);
  },
  300_000 + faults * 10_000,
);
