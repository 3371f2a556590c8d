import {
  type Catalogue,
  ERASED,
  type EventMeta,
  personalFields,
  type RecordedEvent,
  upcast,
} from "@daybook/domain";
import { closeBox, openBox } from "../keys/box.ts";
import type { Keyring } from "../keys/keyring.ts";
import { recentlyUsed } from "../recent.ts";
import type { Batch, EventStore, NewEvent } from "./port.ts";

/** Sealed fields as they are stored: which they are, whose key closes them, and the box. */
type Seal = { fields: string[]; subject: string; box: string };
type Sealable = Record<string, unknown> & { $seal?: Seal };

/** Events held open, at least: those that followers of the log have yet to read. */
const APPENDED = 1000;

const decoder = new TextDecoder();

function seal(
  values: Record<string, unknown>,
  names: readonly string[],
  owner: string | undefined,
  keys: ReadonlyMap<string, Uint8Array>,
  eventId: string,
): Sealable {
  const fields = names.filter((name) => values[name] !== undefined);
  if (fields.length === 0) return values;
  const key = keys.get(owner ?? "");
  if (!owner || !key) throw new Error(`there is no key to seal event ${eventId} with`);
  const open: Sealable = {};
  const inside: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values))
    (fields.includes(name) ? inside : open)[name] = value;
  // The event's id is bound in, so that a box cannot be moved to another event.
  open.$seal = { fields, subject: owner, box: closeBox(JSON.stringify(inside), eventId, key) };
  return open;
}

function unseal(
  { $seal, ...rest }: Sealable,
  keys: ReadonlyMap<string, Uint8Array | null>,
  eventId: string,
): Record<string, unknown> {
  if (!$seal) return rest;
  const key = keys.get($seal.subject);
  if (key === null)
    return { ...rest, ...Object.fromEntries($seal.fields.map((field) => [field, ERASED])) };
  if (!key) throw new Error(`the key that seals event ${eventId} is missing: restore the keys`);
  return { ...rest, ...JSON.parse(decoder.decode(openBox($seal.box, eventId, key))) };
}

/** Whose address and device stand in the metadata. */
const ownerOf = ({ actor, subject }: EventMeta): string | undefined =>
  actor.kind === "user" ? actor.id : subject;

/** Of nobody known there is no key that could be erased: then where it came from is not kept at all. */
function keepable(event: NewEvent): NewEvent {
  if (ownerOf(event.meta)) return event;
  const { ip: _ip, userAgent: _userAgent, ...meta } = event.meta;
  return { ...event, meta };
}

/** The event without the box of where it came from. */
function withoutOrigin(event: RecordedEvent): RecordedEvent {
  const { $seal: _, ...meta } = event.meta as EventMeta & Sealable;
  return { ...event, meta };
}

const sealOf = (value: object): Seal | undefined => (value as Sealable).$seal;

/** Whether it is the event that was closed here, and not another of its id: no two boxes are alike. */
const isSame = (one: NewEvent, other: NewEvent): boolean =>
  sealOf(one.data)?.box === sealOf(other.data)?.box &&
  sealOf(one.meta)?.box === sealOf(other.meta)?.box &&
  (sealOf(one.data) ?? sealOf(one.meta)) !== undefined;

/**
 * A layer over any event store: personal fields of the data are stored sealed under the key of the
 * event's subject, address and device of the metadata under the key of the acting user, and both
 * come back open, or as `Erased`. Data of older schema versions comes back in the newest.
 */
export function sealed(store: EventStore, keyring: Keyring, catalogue: Catalogue): EventStore {
  const personal = new Map(
    [...catalogue].map(([type, { schema }]) => [type, personalFields(schema)]),
  );

  /** Whose keys an event is closed under: of its data, and of where it came from. */
  function ownersOf({ type, meta }: NewEvent): string[] {
    const fields = personal.get(type) ?? [];
    if (fields.length > 0 && !meta.subject)
      throw new Error(`${type} holds personal data and names no subject`);
    const owners = [fields.length > 0 ? meta.subject : undefined, ownerOf(meta)];
    return owners.filter((owner) => owner !== undefined);
  }

  /** The keys that events are closed under; those that are not there are made. */
  async function keysFor(events: readonly NewEvent[]): Promise<Map<string, Uint8Array>> {
    const owners = new Set(events.flatMap(ownersOf));
    const found = await keyring.find([...owners]);
    for (const owner of owners)
      if (!found.get(owner)) found.set(owner, await keyring.keyFor(owner));
    return found as Map<string, Uint8Array>;
  }

  function close(event: NewEvent, keys: ReadonlyMap<string, Uint8Array>): NewEvent {
    const { id, type, meta } = event;
    const data = seal(event.data, personal.get(type) ?? [], meta.subject, keys, id);
    const origin = seal(meta, ["ip", "userAgent"], ownerOf(meta), keys, id);
    return { ...event, data, meta: origin as EventMeta };
  }

  /** What was appended here last, before and after it was sealed: it need not be opened again. */
  const appended = recentlyUsed<{ open: NewEvent; closed: NewEvent }>(APPENDED);

  /** In force before the append is answered: by then followers may have read it. */
  function remember(open: readonly NewEvent[], closed: readonly NewEvent[]) {
    for (const [at, one] of closed.entries())
      appended.set(one.id, { open: open[at] as NewEvent, closed: one });
  }

  /** Those who follow the end of the log are given the same events: each is opened once. */
  const openedBefore = new WeakMap<RecordedEvent, RecordedEvent>();

  async function open(events: RecordedEvent[], origin = true): Promise<RecordedEvent[]> {
    if (!origin) return openAll(events.map(withoutOrigin));
    const closed = events.filter((event) => !openedBefore.has(event));
    for (const [at, one] of (await openAll(closed)).entries())
      openedBefore.set(closed[at] as RecordedEvent, one);
    return events.map((event) => openedBefore.get(event) as RecordedEvent);
  }

  async function openAll(events: RecordedEvent[]): Promise<RecordedEvent[]> {
    const subjects = new Set<string>();
    for (const { data, meta } of events)
      for (const part of [data, meta]) {
        const subject = sealOf(part)?.subject;
        if (subject) subjects.add(subject);
      }
    const keys = await keyring.find([...subjects]);
    const isErasedOf = (part: object) => keys.get(sealOf(part)?.subject ?? "") === null;
    return events.map((event) => {
      const own = appended.get(event.id);
      if (own && isSame(event, own.closed) && !isErasedOf(event.data) && !isErasedOf(event.meta))
        return { ...event, data: own.open.data, meta: own.open.meta };
      const known = catalogue.get(event.type);
      const data = unseal(event.data, keys, event.id);
      return {
        ...event,
        // An unknown type stays as it is: whoever reads it decides, a projection stops.
        data: known ? upcast(known.schema, event.meta.schemaVersion, data) : data,
        meta: unseal(event.meta, keys, event.id) as EventMeta,
      };
    });
  }

  async function* opened(
    events: AsyncIterable<RecordedEvent>,
    origin?: boolean,
  ): AsyncGenerator<RecordedEvent> {
    let page: RecordedEvent[] = [];
    for await (const event of events) {
      page.push(event);
      if (page.length < 256) continue;
      yield* await open(page, origin);
      page = [];
    }
    yield* await open(page, origin);
  }

  async function* openedBatches(
    batches: AsyncIterable<Batch>,
    origin?: boolean,
  ): AsyncGenerator<Batch> {
    for await (const batch of batches) yield { ...batch, events: await open(batch.events, origin) };
  }

  return {
    ...store,
    append: async (stream, expected, events) => {
      const kept = events.map(keepable);
      const keys = await keysFor(kept);
      const closed = kept.map((event) => close(event, keys));
      remember(kept, closed);
      return store.append(stream, expected, closed);
    },
    readStream: (stream, options) => opened(store.readStream(stream, options), options?.origin),
    readAll: (options) => opened(store.readAll(options), options?.origin),
    subscribe: (options) => openedBatches(store.subscribe(options), options.origin),
  };
}
