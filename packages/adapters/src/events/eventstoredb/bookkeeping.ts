import { randomUUID } from "node:crypto";
import type { RecordedEvent } from "@daybook/domain";
import { WrongExpectedVersionError } from "@eventstore/db-client";
import { StoreUnavailable } from "../../unavailable.ts";
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

/** The metadata of a stream, as the server keeps it, and at which revision. */
async function metadataOf(connection: Connection, stream: string) {
  const [last] = await streamPage(connection, `$$${stream}`, undefined, "backwards", 1);
  const revision = last ? Number(last.revision) : ("none" as const);
  return { metadata: (last?.data ?? {}) as Record<string, unknown>, revision };
}

/**
 * Changes the metadata of a stream. Throws StoreUnavailable where somebody else did at the same time.
 */
export async function changeMetadata(
  connection: Connection,
  stream: string,
  change: (metadata: Record<string, unknown>) => object,
): Promise<void> {
  const { metadata, revision } = await metadataOf(connection, stream);
  const changed = eventOf("$metadata", change(metadata));
  await connection.append(`$$${stream}`, revision, [changed]).catch((error) => {
    if (!(error instanceof WrongExpectedVersionError)) throw thrownFor(error);
    throw new StoreUnavailable(`EventStoreDB: the metadata of ${stream} is being changed`);
  });
}

/**
 * Which events are deleted, in the metadata of the adapter's own stream. A read of the whole log
 * gives events that a stream's metadata hides until the server is scavenged, and the age of an event
 * is for the server when it received it, not when the command was: so it is kept for the categories
 * here too, and what is read is passed through it.
 */
export async function openCuts(connection: Connection) {
  let categories: Categories = {};
  const retentionIn = (metadata: { retention?: Categories }) => metadata.retention ?? {};

  async function refresh(): Promise<void> {
    categories = retentionIn((await metadataOf(connection, BOOKKEEPING)).metadata);
  }
  await refresh();

  const none: Category = { cuts: [], swept: 0 };
  const of = (category: string): Category => categories[category] ?? none;

  return {
    refresh,
    swept: (category: string) => of(category).swept,
    isGone: ({ stream, position, meta }: RecordedEvent): boolean =>
      of(stream.slice(0, stream.indexOf("-"))).cuts.some(
        ({ before, upTo }) => position <= upTo && Date.parse(meta.at) < Date.parse(before),
      ),
    /** Puts a cut in force. It goes further than those before: those that cut off more are left. */
    add: async (category: string, cut: Cut, swept: number): Promise<void> => {
      await changeMetadata(connection, BOOKKEEPING, (metadata) => {
        const there = retentionIn(metadata);
        const before = there[category]?.cuts.filter((one) => one.before > cut.before) ?? [];
        return {
          ...metadata,
          retention: { ...there, [category]: { cuts: [...before, cut], swept } },
        };
      });
      await refresh();
    },
  };
}
