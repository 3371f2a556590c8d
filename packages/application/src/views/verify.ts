import { createHash } from "node:crypto";
import type { Document, DocumentStore, EventStore } from "@daybook/adapters";
import type { RecordedEvent } from "@daybook/domain";
import { foldRow, keyOf, type Projection, type Row, remembered } from "@daybook/projections";
import { readCut } from "./retention.ts";

/** A document that is not what the log says. `null` where there is none. */
export type Difference = { id: string; stored: Row | null; replayed: Row | null };

/** What comparing a collection with a replay came to. */
export type Verified = {
  /** Documents compared. */
  documents: number;
  /** The same for the same documents, in whichever order: SHA-256 of each, added up without carry. */
  checksum: string;
  /** The first of them, at most 1,000. */
  differing: Difference[];
  differingCount: number;
};

export type Comparison = {
  collection: string;
  /** The collection's checkpoint: what is before it must have been folded. */
  upTo: number;
  /** One of so many parts of the documents; all of them by default. */
  part?: { index: number; of: number };
  /** Called now and then with the position that was read, and how far there is to read. */
  onProgress?: (position: number, head: number) => void;
};

const DIFFERING_MAX = 1000;
/** Documents replayed in memory at once, about 1 kB each: of more, the log is read several times. */
const PART_MAX = 200_000;
/** More than any collection holds. */
const COUNT_MAX = 1_000_000_000;
/** Events between two calls of `onProgress`. */
const PROGRESS_EVERY = 1000;

/** JSON with its keys in order: equal for equal values, whoever wrote them. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Of a document that is not there, or deleted. */
const NOTHING = Buffer.alloc(16);

const digestOf = (row: Row | null): Buffer =>
  row === null ? NOTHING : createHash("sha256").update(canonical(row)).digest().subarray(0, 16);

/** Which part an id belongs to: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
function partOf(id: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % parts;
}

type Stored = { guard: number; digest: Buffer };
type Replayed = { row: Row | null; failed: boolean };

type Parts = { events: EventStore; documents: DocumentStore };

/**
 * Compares every document of a collection with what a plain fold of the log gives. A document holds
 * at least what its collection's checkpoint says and at most what its own guard says, so each is
 * folded up to the later of the two: it works while others append and fold. What either still tells
 * of events that retention deletes is passed over.
 */
export async function verify(
  parts: Parts,
  projection: Projection,
  comparison: Comparison,
): Promise<Verified> {
  const { collection, part, onProgress } = comparison;
  if (part) return verifyPart(parts, projection, { ...comparison, part });
  const documents = await parts.documents.count(collection, { where: {} }, COUNT_MAX);
  const of = Math.max(Math.ceil(documents / PART_MAX), 1);
  const all: Verified[] = [];
  for (let index = 0; index < of; index++)
    all.push(
      await verifyPart(parts, projection, {
        ...comparison,
        part: { index, of },
        onProgress: (position, head) => onProgress?.(index * head + position, of * head),
      }),
    );
  return all.reduce(together);
}

/** Digests added without carry: in whichever order, they come to the same. */
const added = (a: Buffer, b: Buffer): Buffer =>
  Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));

const together = (one: Verified, other: Verified): Verified => ({
  documents: one.documents + other.documents,
  checksum: added(Buffer.from(one.checksum, "hex"), Buffer.from(other.checksum, "hex")).toString(
    "hex",
  ),
  differing: [...one.differing, ...other.differing].slice(0, DIFFERING_MAX),
  differingCount: one.differingCount + other.differingCount,
});

type PartComparison = Comparison & Required<Pick<Comparison, "part">>;

async function verifyPart(
  parts: Parts,
  projection: Projection,
  comparison: PartComparison,
): Promise<Verified> {
  for (;;) {
    const cut = await readCut(parts.documents);
    const verified = await verifyFrom(cut, parts, projection, comparison);
    // Moved meanwhile, which it is once a day, documents may have been read before and events after.
    if ((await readCut(parts.documents)) === cut) return verified;
  }
}

async function verifyFrom(
  cut: string,
  { events, documents }: Parts,
  projection: Projection,
  { collection, upTo, part, onProgress }: PartComparison,
): Promise<Verified> {
  const { inline } = projection;
  const left = (row: Row | null) => remembered(projection, row, cut);
  const isAsked = (id: string) => part.of === 1 || partOf(id, part.of) === part.index;

  const stored = new Map<string, Stored>();
  for await (const { id, guard, row } of documents.scan(collection))
    if (isAsked(id)) stored.set(id, { guard, digest: digestOf(left(row)) });

  const head = await events.head();
  const replayed = new Map<string, Replayed>();

  function replay(event: RecordedEvent) {
    const id = keyOf(projection, event);
    if (id === undefined || !isAsked(id)) return;
    const mark = inline ? event.revision : event.position;
    if (event.position > upTo && mark > (stored.get(id)?.guard ?? -1)) return;
    const before = replayed.get(id);
    // What a fold throws on waits where it was: the document is parked.
    if (before?.failed) return;
    try {
      replayed.set(id, { row: foldRow(projection, before?.row, event), failed: false });
    } catch {
      replayed.set(id, { row: before?.row ?? null, failed: true });
    }
  }

  let read = 0;
  const types = Object.keys(projection.events);
  for await (const event of events.readAll({ types, origin: projection.origin ?? false })) {
    if (event.position > head) break;
    replay(event);
    if (++read % PROGRESS_EVERY === 0) onProgress?.(event.position, head);
  }
  onProgress?.(head, head);
  return compare({ collection, documents, left }, stored, replayed);
}

type Compared = {
  collection: string;
  documents: DocumentStore;
  /** What is left of a row behind the cut. */
  left: (row: Row | null) => Row | null;
};

async function compare(
  { collection, documents, left }: Compared,
  stored: ReadonlyMap<string, Stored>,
  replayed: ReadonlyMap<string, Replayed>,
): Promise<Verified> {
  const expected = (id: string) => left(replayed.get(id)?.row ?? null);
  let sum: Buffer = NOTHING;
  const differing: string[] = [];
  let count = 0;
  for (const id of new Set([...stored.keys(), ...replayed.keys()])) {
    const there = stored.get(id)?.digest ?? NOTHING;
    if (!there.equals(digestOf(expected(id)))) differing.push(id);
    if (there !== NOTHING) count++;
    sum = added(sum, there);
  }
  const shown = differing.slice(0, DIFFERING_MAX);
  const found = new Map<string, Document>();
  for (const one of await documents.getMany(collection, shown)) found.set(one.id, one);
  return {
    documents: count,
    checksum: sum.toString("hex"),
    differing: shown.map((id) => ({
      id,
      stored: left(found.get(id)?.row ?? null),
      replayed: expected(id),
    })),
    differingCount: differing.length,
  };
}
