import { randomUUID } from "node:crypto";
import type { RecordedEvent } from "@daybook/domain";
import { WrongExpectedVersionError } from "@eventstore/db-client";
import { StoreUnavailable } from "../../sqlite/writer.ts";
import type { Outgoing } from "./batch-append.ts";
import type { Connection } from "./connection.ts";
import { thrownFor } from "./errors.ts";
import { streamPage } from "./read.ts";
import { BOOKKEEPING } from "./recorded.ts";

/** Up to when the events of a category are deleted. */
export type Cut = {
  before: string;
  /** The position up to which none is left that was to be deleted. */
  swept: number;
};
type Cuts = Record<string, Cut>;

const METADATA = `$$${BOOKKEEPING}`;

const eventOf = (type: string, data: object): Outgoing => ({
  ...{ id: randomUUID(), type, data, metadata: {} },
});

/** What the adapter's own stream tells, in its first two events. */
async function readIds(connection: Connection) {
  const [opened, copied] = await streamPage(connection, BOOKKEEPING, undefined, "forwards", 2);
  if (!opened) return undefined;
  const { logId } = opened.data as { logId: string };
  return { logId, originId: (copied?.data as { originId: string } | undefined)?.originId ?? logId };
}

type Ids = NonNullable<Awaited<ReturnType<typeof readIds>>>;

/** Appends to the adapter's own stream, unless another process was first, or it was done already. */
async function appendOnce(
  connection: Connection,
  expected: number | "none",
  event: Outgoing,
): Promise<void> {
  try {
    await connection.append(BOOKKEEPING, expected, [event]);
  } catch (error) {
    const there = await streamPage(connection, BOOKKEEPING, undefined, "forwards", 2);
    if (there.length <= (expected === "none" ? 0 : expected + 1)) throw thrownFor(error);
  }
}

/** The id of the log, made by whoever opens it first, and that of the log it was copied from. */
export async function openLogIds(connection: Connection): Promise<Ids> {
  const known = await readIds(connection);
  if (known) return known;
  const logId = randomUUID().replaceAll("-", "");
  await appendOnce(connection, "none", eventOf("LogOpened", { logId }));
  return (await readIds(connection)) as Ids;
}

/** Makes the log the copy of another, unless it is one. Returns which one it is the copy of. */
export async function adoptOrigin(connection: Connection, originId: string): Promise<string> {
  await appendOnce(connection, 0, eventOf("LogCopied", { originId }));
  return ((await readIds(connection)) as Ids).originId;
}

/**
 * Which events are deleted, in the metadata of the adapter's own stream. A read of the whole log
 * gives events that a stream's metadata hides until the server is scavenged, and the age of an event
 * is for the server when it received it, not when the command was: so it is kept for the categories
 * here too, and what is read is passed through it.
 */
export async function openCuts(connection: Connection) {
  let cuts: Cuts = {};
  let revision: number | "none" = "none";

  async function refresh(): Promise<void> {
    const [last] = await streamPage(connection, METADATA, undefined, "backwards", 1);
    if (!last) return;
    cuts = (last.data as { cuts?: Cuts }).cuts ?? {};
    revision = Number(last.revision);
  }
  await refresh();

  const cutOf = (stream: string): Cut | undefined => cuts[stream.slice(0, stream.indexOf("-"))];

  return {
    refresh,
    of: (category: string): Cut | undefined => cuts[category],
    isGone: ({ stream, meta }: RecordedEvent): boolean => {
      const cut = cutOf(stream);
      return cut !== undefined && Date.parse(meta.at) < Date.parse(cut.before);
    },
    /** Puts a cut in force. Throws StoreUnavailable where another process did at the same time. */
    set: async (category: string, cut: Cut): Promise<void> => {
      const metadata = { cuts: { ...cuts, [category]: cut } };
      try {
        await connection.append(METADATA, revision, [eventOf("$metadata", metadata)]);
      } catch (error) {
        if (!(error instanceof WrongExpectedVersionError)) throw thrownFor(error);
        await refresh();
        throw new StoreUnavailable("EventStoreDB: events are being deleted by another process");
      }
      await refresh();
    },
  };
}
