import { randomUUID } from "node:crypto";
import type { RecordedEvent } from "@daybook/domain";
import { WrongExpectedVersionError } from "@eventstore/db-client";
import { StoreUnavailable } from "../../sqlite/writer.ts";
import type { Outgoing } from "./batch-append.ts";
import type { Connection } from "./connection.ts";
import { thrownFor } from "./errors.ts";
import { streamPage } from "./read.ts";
import { BOOKKEEPING } from "./recorded.ts";

/** Events of before an instant are deleted, up to a position: a later one may be of an older time. */
export type Cut = { before: string; upTo: number };

type Category = {
  cuts: Cut[];
  /** Up to this position all are deleted. */
  swept: number;
};
type Categories = Record<string, Category>;

const METADATA = `$$${BOOKKEEPING}`;

const eventOf = (type: string, data: object): Outgoing => ({
  ...{ id: randomUUID(), type, data, metadata: {} },
});

/** The id of the log, made by whoever opens it first. */
export async function openLogId(connection: Connection): Promise<string> {
  const read = async () => {
    const [opened] = await streamPage(connection, BOOKKEEPING, undefined, "forwards", 1);
    return (opened?.data as { logId: string } | undefined)?.logId;
  };
  const known = await read();
  if (known) return known;
  const logId = randomUUID().replaceAll("-", "");
  try {
    await connection.append(BOOKKEEPING, "none", [eventOf("LogOpened", { logId })]);
    return logId;
  } catch (error) {
    // Another process was first, or it was ours and the answer was lost.
    const made = await read();
    if (made) return made;
    throw thrownFor(error);
  }
}

/**
 * Which events are deleted, in the metadata of the adapter's own stream. A read of the whole log
 * gives events that a stream's metadata hides until the server is scavenged, and the age of an event
 * is for the server when it received it, not when the command was: so it is kept for the categories
 * here too, and what is read is passed through it.
 */
export async function openCuts(connection: Connection) {
  let categories: Categories = {};
  let revision: number | "none" = "none";

  async function refresh(): Promise<void> {
    const [last] = await streamPage(connection, METADATA, undefined, "backwards", 1);
    if (!last) return;
    categories = (last.data as { retention?: Categories }).retention ?? {};
    revision = Number(last.revision);
  }
  await refresh();

  const of = (category: string): Category => categories[category] ?? { cuts: [], swept: 0 };

  return {
    refresh,
    swept: (category: string) => of(category).swept,
    isGone: ({ stream, position, meta }: RecordedEvent): boolean =>
      of(stream.slice(0, stream.indexOf("-"))).cuts.some(
        ({ before, upTo }) => position <= upTo && Date.parse(meta.at) < Date.parse(before),
      ),
    /** Puts a cut in force. Throws StoreUnavailable where another process did at the same time. */
    add: async (category: string, cut: Cut, swept: number): Promise<void> => {
      // Each goes further than those before; of them it leaves those that cut off more.
      const cuts = [...of(category).cuts.filter(({ before }) => before > cut.before), cut];
      const retention = { ...categories, [category]: { cuts, swept } };
      try {
        await connection.append(METADATA, revision, [eventOf("$metadata", { retention })]);
      } catch (error) {
        if (!(error instanceof WrongExpectedVersionError)) throw thrownFor(error);
        await refresh();
        throw new StoreUnavailable("EventStoreDB: events are being deleted by another process");
      }
      await refresh();
    },
  };
}
