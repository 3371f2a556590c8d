import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { collectionOf, reader, startRunner } from "@daybook/application";
import { catalogue, Refusal } from "@daybook/domain";
import { people } from "@daybook/projections";
import { ORGANIZATION, open, peopled, personId } from "../fixtures.ts";
import { insertThenRead } from "../floors/insert-then-read.ts";
import { inUnit, quantile } from "../measure.ts";
import { type Measured, type Row, repeat, type Setting } from "../row.ts";
import { rename } from "./commands.ts";

const PEOPLE = 1000;
const PER_SECOND = 1000;

/** Starts work at a steady rate, also where the work before it is not done yet. */
async function paced(count: number, work: (nth: number) => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  const under: Promise<void>[] = [];
  while (under.length < count) {
    const due = Math.floor(((performance.now() - startedAt) * PER_SECOND) / 1000);
    while (under.length < Math.min(due, count)) under.push(work(under.length));
    await delay(1);
  }
  await Promise.all(under);
}

/** A query that gave up waiting has waited as long as any does: that is what is measured. */
function refusedAsBehind(error: unknown): undefined {
  if (!(error instanceof Refusal) || error.code !== "view/behind") throw error;
}

async function measure(setting: Setting): Promise<Measured> {
  const { quick } = setting;
  const folder = await peopled(setting, { people: PEOPLE });
  const app = await open(folder);
  const failed = Promise.withResolvers<never>();
  const runner = await startRunner({ ...app, catalogue, onError: failed.reject });
  const middles: number[] = [];

  async function changeAndSee(nth: number, waits: number[]) {
    const person = personId(nth % PEOPLE);
    const { revision, position } = await rename(app, person);
    const startedAt = performance.now();
    const views = reader(app, ORGANIZATION, position);
    const row = await views.get(people, person).catch(refusedAsBehind);
    waits.push(performance.now() - startedAt);
    if (row && row.userRevision < revision) throw new Error("an older revision was read");
  }
  async function p99(seconds: number) {
    const waits: number[] = [];
    const all = paced(seconds * PER_SECOND, (nth) => changeAndSee(nth, waits));
    await Promise.race([all, failed.promise]);
    middles.push(quantile(waits, 0.5));
    return quantile(waits, 0.99);
  }

  await p99(1);
  middles.length = 0;
  const runs = await repeat(setting, "appended and seen", quick ? 1 : 3, () => p99(quick ? 2 : 10));
  await runner.stop();
  await app.close();
  const floor = await repeat(setting, "bare SQLite", quick ? 1 : 3, async () =>
    quantile(insertThenRead(setting, join(folder, "views.db"), collectionOf(people)), 0.99),
  );
  return { runs, floor, notes: [`p50 is ${inUnit(quantile(middles, 0.5), "ms")}.`] };
}

export const visible: readonly Row[] = [
  {
    name: "append to visible in a query, 1,000 commands a second, p99",
    unit: "ms",
    target: { amount: 50 },
    floor: "p99 of writing the same document to bare SQLite and reading it on another connection",
    note: "In process: from a command's answer to the answer of a query that has seen it.",
    measure,
  },
];
