import { cp } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { openStores } from "@daybook/adapters";
import { appOver } from "@daybook/application";
import { MAIL_LEASE_MS } from "@daybook/domain";
import { people } from "@daybook/projections";
import { dataFolder, removeFolder } from "../support/server.ts";
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

type Health = {
  head: number;
  projections: { position: number }[];
  reactions: { position: number }[];
};

async function caughtUp(url: string): Promise<boolean> {
  const health = (await (await fetch(`${url}/health/ready`)).json()) as Health;
  const positions = [...health.projections, ...health.reactions].map(({ position }) => position);
  return positions.every((position) => position >= health.head);
}

/**
 * Waits until the server that runs has nothing more to do. Mails whose attempt a kill has cut off are
 * waited for too where `leases` says so: their lease is a minute.
 */
export async function quiet(place: Installation, client: Client, leases: boolean): Promise<void> {
  const url = await place.url();
  const deadline = Date.now() + QUIET_MS + (leases ? MAIL_LEASE_MS : 0);
  const cutOff = ({ status, nextAt }: { status: string; nextAt: string }) =>
    status === "sending" && Date.parse(nextAt) - MAIL_LEASE_MS < Date.parse(place.startedAt());
  while (Date.now() < deadline) {
    const pending = await client.pendingMail();
    if (pending.every((mail) => !leases && cutOff(mail)) && (await caughtUp(url))) return;
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
 * product has a fault. Works on a copy, so that the server can go on.
 */
export async function problemsIn(
  place: Installation,
  { journal, accepted, after, allSent }: Expected,
): Promise<string[]> {
  const copy = await dataFolder();
  await cp(place.data, copy, { recursive: true });
  const app = await appOver(
    await openStores({ data: copy, key: undefined }),
    () => new Date(Date.now() + AHEAD_MS),
  );
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
    await removeFolder(copy);
  }
}
