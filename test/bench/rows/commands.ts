import type { App, Envelope } from "@daybook/application";
import { user } from "@daybook/domain";
import { everybody, logFile, ORGANIZATION, open, peopled, personId } from "../fixtures.ts";
import { insertRate, likeThese, sameTables, storedEvents } from "../floors/sqlite.ts";
import { rateOf } from "../measure.ts";
import { idOf } from "../names.ts";
import { type Row, repeat, type Setting, type Target } from "../row.ts";

const PEOPLE = 1000;

/** Made by clients: the figure is of what the server does. */
let commandsMade = 0;

/** An administrator renames somebody, from a browser. */
export function rename(app: App, person: string) {
  const about: Envelope = {
    commandId: idOf("command", commandsMade++),
    actor: { kind: "user", id: personId(0) },
    organization: ORGANIZATION,
    subject: person,
    ip: "192.0.2.17",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  };
  const data = { firstName: `Grace ${Math.random()}`, lastName: "Hopper" };
  return app.execute(user, person, { type: "RenameUser", data }, about);
}

async function measure(setting: Setting, atOnce: number) {
  const { quick } = setting;
  const forMs = quick ? 1000 : 3000;
  const people = everybody(PEOPLE);
  let log = "";
  const runs = await repeat(setting, `${atOnce} at once`, quick ? 2 : 5, async () => {
    // Each run on a folder of its own: streams that grow from run to run would slow down the last.
    const folder = await peopled(setting, { people: PEOPLE });
    const app = await open(folder);
    const anybody = () => rename(app, people[Math.floor(Math.random() * PEOPLE)] as string);
    await rateOf(2000, atOnce, anybody);
    const rate = await rateOf(forMs, atOnce, anybody);
    await app.close();
    log = logFile(folder);
    return rate;
  });
  const events = storedEvents(log, 1000);
  const floor = await repeat(setting, "bare inserts", quick ? 2 : 5, async () => {
    const db = sameTables(setting, log, ["events"], "FULL");
    const rate = insertRate(db, likeThese(events, atOnce === 1 ? 20_000 : 200_000), atOnce, 2000);
    db.close();
    return rate;
  });
  return { runs, floor };
}

const row = (atOnce: number, target: Target): Row => ({
  name: `commands, ${atOnce} at once`,
  unit: "/s",
  target,
  floor: `bare SQLite inserts, ${atOnce} in a transaction`,
  measure: (setting) => measure(setting, atOnce),
});

export const commands = [row(1, {}), row(16, {}), row(256, { amount: 10_000, share: 0.3 })];
