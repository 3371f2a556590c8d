import { inTime } from "@daybook/adapters";
import type { App } from "@daybook/application";
import { type MailRow, mails } from "@daybook/projections";
import type { HealthParts } from "./health.ts";

/** What has not answered by then is away; well within the 10 s that Prometheus waits. */
const ANSWER_MS = 2000;
/** Pending mail is counted no further. */
const PENDING_MAX = 10_000;

const pending = ["waiting", "sending"] as const;

/** What a reading comes to; nothing where it fails or hangs. */
const told = <T>(reading: Promise<T> | undefined): Promise<T | undefined> =>
  inTime(
    ANSWER_MS,
    () => new Error("no answer"),
    async () => reading,
  ).catch(() => undefined);

const isUp = async (ping: Promise<void>) => (await told(ping.then(() => true))) ?? false;

/** How much mail is not sent yet, and for how long the first of it is due. */
async function pendingMail({ documents, views, now }: App) {
  const collection = views.serving(mails.name);
  const at = now();
  const firstDue = async (status: string) => {
    const due = { status, nextAt: { lt: at.toISOString() } };
    const order = { sort: ["nextAt"], direction: "ascending", limit: 1 } as const;
    const { rows } = await documents.find<MailRow>(collection, { where: due, ...order });
    return rows.map(({ nextAt }) => Date.parse(nextAt));
  };
  const [count, ...due] = await Promise.all([
    documents.count(collection, { where: { status: { in: pending } } }, PENDING_MAX),
    ...pending.map(firstDue),
  ]);
  const oldest = Math.min(at.getTime(), ...due.flat());
  return { count, oldestDueSeconds: (at.getTime() - oldest) / 1000 };
}

/**
 * How everything is at the moment, as far as it can be told: what rests on a store that is away is
 * left out, and nothing of it takes long.
 */
export async function lookAt({ app, projections, queue }: HealthParts) {
  const { events, documents, state } = app;
  const [eventsUp, documentsUp, stateUp, head, progress, mail, jobs] = await Promise.all([
    isUp(events.ping()),
    isUp(documents.ping()),
    isUp(state.ping()),
    told(events.head()),
    told(projections()),
    told(pendingMail(app)),
    told(queue?.depth()),
  ]);
  const up = {
    events: eventsUp && !events.connection().down,
    documents: documentsUp && !documents.connection().down,
    state: stateUp && !state.connection().down,
  };
  return { up, head, projections: progress ?? [], mail, jobs };
}

export type Look = Awaited<ReturnType<typeof lookAt>>;
