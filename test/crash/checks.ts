import { setTimeout as delay } from "node:timers/promises";
import { MAIL_LEASE_MS } from "@daybook/domain";
import { people, projections } from "@daybook/projections";
import { differencesFromLog } from "../support/verified.ts";
import { holdingProblems, peopleProblems, takingProblems } from "./claim-checks.ts";
import type { Client } from "./client.ts";
import type { Installation } from "./installation.ts";
import type { Journal } from "./journal.ts";
import { commandProblems, mailProblems } from "./log-checks.ts";

/** Longer than the grace that a creation which was cut off is granted. */
const AHEAD_MS = 3_600_000;
/**
 * A mail that a kill has hidden from the sender is found by its next sweep, after 15 s; one whose
 * outcome an engine that was killed could not take, after its lease.
 */
const QUIET_MS = 60_000 + MAIL_LEASE_MS;

/** One that nobody runs at present is not at the end of the log. */
const REACTIONS = ["add-member", "account-mail"];

type Progress = { name: string; position: number };
type Health = { head: number; projections: Progress[]; reactions?: Progress[] };

/** What is not at the end of the log, as all processes together tell. */
async function behind({ monitors }: Installation): Promise<string[]> {
  const ask = async (url: string) => (await (await fetch(`${url}/health/ready`)).json()) as Health;
  const healths = await Promise.all((await monitors()).map(ask));
  const head = Math.max(...healths.map((health) => health.head));
  const all = healths.flatMap((health) => [...health.projections, ...(health.reactions ?? [])]);
  const reached = Map.groupBy(all, ({ name }) => name);
  return [...projections.map(({ name }) => name), ...REACTIONS].filter(
    (name) => !reached.get(name)?.some(({ position }) => position >= head),
  );
}

/**
 * Waits until the server that runs has nothing more to do. Mails whose attempt a kill has cut off are
 * waited for too where `leases` says so: their lease is a minute.
 */
export async function quiet(place: Installation, client: Client, leases: boolean): Promise<void> {
  const deadline = Date.now() + QUIET_MS;
  const cutOff = ({ status, nextAt }: { status: string; nextAt: string }) =>
    status === "sending" && Date.parse(nextAt) - MAIL_LEASE_MS < Date.parse(place.startedAt());
  for (;;) {
    const pending = (await client.pendingMail()).filter((mail) => leases || !cutOff(mail));
    const late = await behind(place);
    if (pending.length === 0 && late.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`it does not come to rest: ${late}, ${JSON.stringify(pending)}`);
    await delay(100);
  }
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
