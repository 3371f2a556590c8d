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
