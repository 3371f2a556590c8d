import { setTimeout as delay } from "node:timers/promises";
import type { DocumentStore, GuardedWrite } from "@daybook/adapters";
import type { Row } from "@daybook/projections";
import { LEASES } from "../views/names.ts";

/** A piece of work and who does it, or a worker and what it knows to do: `beats` moves while it lives. */
type LeaseRow = Row & { worker: string; beats: number; pieces?: readonly string[] | undefined };

/** How often a worker says that it lives. */
const BEAT_MS = 1000;
/** Who has not moved for so many beats, by the watcher's own clock, is taken for dead. */
const DEAD_BEATS = 6;
/** Pieces and workers, far more than there are. */
const LEASES_MAX = 10_000;

export type ShareParts = {
  documents: DocumentStore;
  /** This worker's own id, of this start of it. */
  worker: string;
  /** The pieces of work there are. */
  pieces: readonly string[];
  /** Does these and no others from when it resolves. Where it throws, it is asked again. */
  take: (pieces: ReadonlySet<string>) => Promise<void>;
  onError: (error: unknown) => void;
  /** How often this worker says that it lives; the same for all. */
  beatMs?: number;
};

export type Share = {
  /** The pieces that are done here. */
  held: () => ReadonlySet<string>;
  /** Gives up everything, and hands it to whoever asks next. */
  stop: () => Promise<void>;
};

const presenceOf = (worker: string): string => `worker.${worker}`;

const equal = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((piece) => other.has(piece));

/** Moves what is done to what is wanted, one step after the other, and never gives up. */
function mover({ take, onError }: Pick<ShareParts, "take" | "onError">) {
  let wanted: ReadonlySet<string> = new Set();
  let done: ReadonlySet<string> = new Set();
  let moving: Promise<void> | undefined;

  async function move() {
    while (!equal(done, wanted)) {
      const next = wanted;
      try {
        await take(next);
        done = next;
      } catch (error) {
        // What was ended on the way, and what not, nobody knows: all of it is begun anew.
        done = new Set();
        throw error;
      }
    }
  }

  return {
    done: () => done,
    /** Whether it is done here, or about to be. */
    isAtWork: (piece: string) => done.has(piece) || wanted.has(piece),
    to: (pieces: ReadonlySet<string>): Promise<void> => {
      wanted = pieces;
      moving ??= move()
        .catch(onError)
        .finally(() => {
          moving = undefined;
        });
      return moving;
    },
  };
}

/**
 * Shares pieces of work out among workers, each to one of them and to all of them equally, by leases
 * in documents. A lease runs out when its counter has not moved for a while by the watcher's clock:
 * no two clocks are compared. It keeps work from being done twice, and does not have to: everything
 * a worker writes is guarded by itself, so one that was only paused and goes on harms nothing.
 */
export function startShare(parts: ShareParts): Share {
  const { documents, worker, pieces, onError, beatMs = BEAT_MS } = parts;
  const abort = new AbortController();
  const { signal } = abort;
  const seen = new Map<string, { beats: number; since: number }>();
  const me = presenceOf(worker);
  const work = mover(parts);

  /** Whether its counter has stood still for long; what is seen for the first time has not. */
  function isDead({ id, beats }: LeaseRow): boolean {
    const now = performance.now();
    const before = seen.get(id);
    if (before?.beats === beats) return now - before.since >= DEAD_BEATS * beatMs;
    seen.set(id, { beats, since: now });
    return false;
  }

  async function readAll(): Promise<Map<string, LeaseRow>> {
    const all = { where: {}, sort: [], direction: "ascending", limit: LEASES_MAX } as const;
    const { rows } = await documents.find<LeaseRow>(LEASES, all);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Gives leases to a worker, or to nobody; returns those that somebody else was faster with. */
  async function give(
    ids: readonly string[],
    to: string,
    found: ReadonlyMap<string, LeaseRow>,
  ): Promise<string[]> {
    const writes = ids.map((id): GuardedWrite => {
      const after = found.get(id)?.beats;
      const beats = (after ?? 0) + 1;
      const row: LeaseRow = { id, organization: "", worker: to, beats };
      return { id, row: id === me ? { ...row, pieces } : row, guard: beats, after } as GuardedWrite;
    });
    return writes.length > 0 ? documents.write(LEASES, writes) : [];
  }

  /** Takes free pieces up to a fair share, and gives up what is above it. */
  async function beat() {
    const found = await readAll();
    // Who comes back counts from the start again, and is not the dead one that was seen before.
    for (const id of seen.keys()) if (!found.has(id)) seen.delete(id);
    const present = [...found.values()].filter(({ id, worker: of }) => id === presenceOf(of));
    const dead = present.filter((row) => row.id !== me && isDead(row));
    const others = present.filter((row) => row.id !== me && !dead.includes(row));
    /** How many there are to do it: while a new version is being rolled out, not all know the same. */
    const able = (piece: string) => 1 + others.filter((one) => one.pieces?.includes(piece)).length;
    const fair = Math.ceil(pieces.reduce((sum, piece) => sum + 1 / able(piece), 0));

    const mine = pieces.filter((piece) => found.get(piece)?.worker === worker);
    const free = pieces.filter((piece) => {
      const row = found.get(piece);
      return !row?.worker || (row.worker !== worker && isDead(row));
    });
    // What few can do comes first, then what is done here already.
    const open = [...mine, ...free].sort((one, other) => able(one) - able(other));
    const wanted = open.slice(0, fair);
    const left = mine.filter((piece) => !wanted.includes(piece) && !work.isAtWork(piece));
    const beating = mine.filter((piece) => !left.includes(piece));
    const taken = wanted.filter((piece) => !mine.includes(piece));
    const lost = await give([me, ...beating, ...taken], worker, found);
    await give(left, "", found);
    work.to(new Set(wanted.filter((piece) => !lost.includes(piece))));
    await documents.remove(
      LEASES,
      dead.map(({ id }) => id),
    );
  }

  async function beatAgainAndAgain() {
    while (!signal.aborted) {
      await beat().catch(onError);
      await delay(beatMs, undefined, { signal }).catch(() => {});
    }
  }

  async function leave() {
    await work.to(new Set());
    const found = await readAll();
    const mine = pieces.filter((piece) => found.get(piece)?.worker === worker);
    await give(mine, "", found);
    await documents.remove(LEASES, [me]);
  }

  const beating = beatAgainAndAgain();
  return {
    held: work.done,
    stop: async () => {
      abort.abort();
      await beating;
      await leave().catch(onError);
    },
  };
}
