import { type NewEvent, openSqliteEventStore, type Stores } from "@daybook/adapters";
import { catalogueOf, defineDecider } from "@daybook/domain";
import { type Row as Document, defineProjection } from "@daybook/projections";
import { z } from "zod";
import { logFile, ORGANIZATION } from "./fixtures.ts";
import { manyAtOnce } from "./measure.ts";
import { idOf } from "./names.ts";
import { type Setting, sharedFolder } from "./row.ts";

/** A ledger of the bench's own, whose events hold nothing personal. */
const account = defineDecider<null>()({
  stream: "account",
  commands: {},
  events: { AccountOpened: z.object({ owner: z.string() }), Paid: z.object({ amount: z.int() }) },
  initial: null,
  decide: {},
  evolve: { AccountOpened: () => null, Paid: () => null },
});
export const ledgerCatalogue = catalogueOf([account]);

type Balance = Document & { owner: string; total: number; payments: number };

export const balances = defineProjection<Balance>()({
  name: "balances",
  version: 1,
  events: account.events,
  indexes: [["owner"]],
  start: {
    AccountOpened: ({ owner }, { id, organization }) => ({
      ...{ id, organization, owner, total: 0, payments: 0 },
    }),
  },
  on: {
    Paid: (row, { amount }) => ({
      ...row,
      total: row.total + amount,
      payments: row.payments + 1,
    }),
  },
});

const EVENTS_EACH = 10;
const streams = ({ quick }: Setting): number => (quick ? 2_000 : 100_000);

export function accountEvent(nth: number, at: number): NewEvent {
  const id = idOf("event", nth * EVENTS_EACH + at);
  const [type, data] =
    at === 0 ? ["AccountOpened", { owner: `owner-${nth % 1000}` }] : ["Paid", { amount: at * 7 }];
  return {
    ...{ id, type: type as string, data: data as Record<string, unknown> },
    meta: {
      ...{ at: new Date().toISOString(), actor: { kind: "system", id: "bench" } },
      ...{ organization: ORGANIZATION, commandId: id, correlationId: id, schemaVersion: 1 },
    },
  };
}

/** The first half of every stream, and then the second: neighbours in the log are of many streams. */
export const ledger = (setting: Setting): Promise<string> =>
  sharedFolder(setting, "ledger", async (folder) => {
    setting.say(`making a log of ${streams(setting) * EVENTS_EACH} events`);
    const events = await openSqliteEventStore(logFile(folder));
    const half = EVENTS_EACH / 2;
    const append = (nth: number, from: number) => {
      const made = Array.from({ length: half }, (_, at) => accountEvent(nth, from + at));
      return events.append(`account-${nth}`, from === 0 ? "none" : from - 1, made);
    };
    for (const from of [0, half])
      await manyAtOnce(streams(setting), 1000, (nth) => append(nth, from));
    await events.close();
  });

export async function openLedger(folder: string): Promise<Pick<Stores, "events" | "close">> {
  const events = await openSqliteEventStore(logFile(folder));
  return { events, close: () => events.close() };
}
