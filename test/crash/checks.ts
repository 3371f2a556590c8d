import { setTimeout as delay } from "node:timers/promises";
import { MAIL_LEASE_MS } from "@daybook/domain";
import { people } from "@daybook/projections";
import { differencesFromLog } from "../support/verified.ts";
import { holdingProblems, peopleProblems, takingProblems } from "./claim-checks.ts";
import type { Client } from "./client.ts";
import type { Installation } from "./installation.ts";
import type { Journal } from "./journal.ts";
import { commandProblems, mailProblems } from "./log-checks.ts";

/** Longer than the grace that a creation which was cut off is granted. */
const AHEAD_MS = 3_600_000;
/** A mail that a kill has hidden from the sender is found by its next sweep, after 15 s. */
const QUIET_MS = 60_000;

type Progress = { name: string; position: number };
type Health = { head: number; projections: Progress[]; reactions?: Progress[] };

/** Whether everything is at the end of the log, as all processes together tell. */
async function caughtUp({ monitors }: Installation): Promise<boolean> {
  const ask = async (url: string) => (await (await fetch(`${url}/health/ready`)).json()) as Health;
  const healths = await Promise.all((await monitors()).map(ask));
  const head = Math.max(...healths.map((health) => health.head));
  const all = healths.flatMap(({ projections, reactions = [] }) => [...projections, ...reactions]);
  const reached = Map.groupBy(all, ({ name }) => name);
  return reached.values().every((positions) => positions.some(({ position }) => position >= head));
}

/**
 * Waits until the server that runs has nothing more to do. Mails whose attempt a kill has cut off are
 * waited for too where `leases` says so: their lease is a minute.
 */
export async function quiet(place: Installation, client: Client, leases: boolean): Promise<void> {
  const deadline = Date.now() + QUIET_MS + (leases ? MAIL_LEASE_MS : 0);
  const cutOff = ({ status, nextAt }: { status: string; nextAt: string }) =>
    status === "sending" && Date.parse(nextAt) - MAIL_LEASE_MS < Date.parse(place.startedAt());
  while (Date.now() < deadline) {
    const pending = await client.pendingMail();
    if (pending.every((mail) => !leases && cutOff(mail)) && (await caughtUp(place))) return;
    await delay(100);
  }
  throw new Error("the server does not come to rest");
}

type Expected = {
  journal: Journal;
  /** How often the mail server has accepted each mail. */
  accepted: ReadonlyMap<string, number>;
  /** The position in the log where the clients began. */
  after: number;
  /** Whether every mail must have been sent, those cut off by a kill too. */
  allSent: boolean;
};

/**
 * What is wrong in the folder of an installation whose server has been stopped: empty, unless the
 * product has a fault.
 */
export async function problemsIn(
  place: Installation,
  { journal, accepted, after, allSent }: Expected,
): Promise<string[]> {
  const app = await place.opened(() => new Date(Date.now() + AHEAD_MS));
  try {
    const log = await Array.fromAsync(app.events.readAll());
    const show = async (id: string) => {
      const found = await app.documents.get(app.views.serving(people.name), id);
      return found?.row as Record<string, unknown> | undefined;
    };
    return [
      ...journal.contradictions,
      ...commandProblems(log, journal, after),
      ...mailProblems(log, accepted, after, allSent ? undefined : place.startedAt()),
      ...holdingProblems(log),
      ...(await differencesFromLog(app)),
      ...(await peopleProblems(app, show, journal.people)),
      ...(await takingProblems(app, log, journal.asked)),
    ];
  } finally {
    await app.close();
  }
}
