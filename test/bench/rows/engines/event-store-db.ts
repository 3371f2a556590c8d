import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import { startEventStoreDb } from "../../../support/event-store-db.ts";
import { bareEventStoreDb } from "../../floors/event-store-db.ts";
import { accountEvent } from "../../ledger.ts";
import { rateOf } from "../../measure.ts";
import { freshFolder, type Measured, type Row, type Setting } from "../../row.ts";
import { alternately } from "./alternately.ts";

/** How many events the log is filled with at once. */
const FILLED = 500;

/** Our adapter and the bare client on the same server, which runs in a process of its own. */
async function withBoth(
  setting: Setting,
  work: (
    store: Awaited<ReturnType<typeof openEventStoreDb>>,
    bare: ReturnType<typeof bareEventStoreDb>,
  ) => Promise<Measured>,
): Promise<Measured> {
  const server = await startEventStoreDb(freshFolder(setting));
  const store = await openEventStoreDb(server.url);
  const bare = bareEventStoreDb(server.url);
  const measured = await work(store, bare);
  await store.close();
  await bare.close();
  await server.close();
  return measured;
}

const measureAppends = (setting: Setting, atOnce: number) =>
  withBoth(setting, (store, bare) => {
    const forMs = setting.quick ? 500 : 1500;
    let nth = 0;
    const next = () => {
      nth++;
      return { stream: `account-${nth}`, event: accountEvent(nth, 1) };
    };
    const ours = () => {
      const { stream, event } = next();
      return store.append(stream, "none", [event]);
    };
    const theirs = () => {
      const { stream, event } = next();
      return bare.append(stream, [event]);
    };
    return alternately(
      setting,
      () => rateOf(forMs, atOnce, ours),
      () => rateOf(forMs, atOnce, theirs),
    );
  });

const measureSubscription = (setting: Setting) =>
  withBoth(setting, async (store, bare) => {
    const events = setting.quick ? 5000 : 25_000;
    setting.say(`making a log of ${events} events`);
    for (let from = 0; from < events; from += FILLED)
      await bare.append(
        `account-${from}`,
        Array.from({ length: FILLED }, (_, at) => accountEvent(from + at, 1)),
      );
    async function read() {
      const stop = new AbortController();
      let left = events;
      for await (const batch of store.subscribe({ after: 0, signal: stop.signal })) {
        left -= batch.events.length;
        if (left <= 0) break;
      }
      stop.abort();
    }
    const perSecond = async (reading: () => Promise<void>) => {
      const startedAt = performance.now();
      await reading();
      return events / ((performance.now() - startedAt) / 1000);
    };
    return alternately(
      setting,
      () => perSecond(read),
      () => perSecond(() => bare.read(events)),
    );
  });

const appendRow = (atOnce: number): Row => ({
  name: `EventStoreDB: appends, ${atOnce} at once`,
  unit: "/s",
  target: { share: 0.8 },
  floor: "@eventstore/db-client appending the same events to the same server",
  measure: (setting) => measureAppends(setting, atOnce),
});

export const eventStoreDb: readonly Row[] = [
  appendRow(1),
  appendRow(256),
  {
    name: "EventStoreDB: events of a subscription from the start",
    unit: "/s",
    target: { share: 0.8 },
    floor: "a subscription of @eventstore/db-client to the same log",
    measure: measureSubscription,
  },
];
