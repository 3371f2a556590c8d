import { randomBytes } from "node:crypto";
import {
  type Catalogue,
  ERASED,
  type EventMeta,
  personalFields,
  type RecordedEvent,
  upcast,
} from "@daybook/domain";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Keyring } from "../keys/keyring.ts";
import type { Batch, EventStore, NewEvent } from "./port.ts";

/** Sealed fields as they are stored: which they are, whose key closes them, and the box. */
type Seal = { fields: string[]; subject: string; box: string };
type Sealable = Record<string, unknown> & { $seal?: Seal };

/** Nonce and tag of ChaCha20-Poly1305 (RFC 8439), in bytes. */
const NONCE = 12;

/** Events held open: those that followers of the log have yet to read. */
const APPENDED_MAX = 1000;

/** Nonces drawn at once: the system's generator costs as much for many as for one. */
const NONCES = 256;
let drawn = randomBytes(0);
let spent = 0;

function nextNonce(): Uint8Array {
  if (spent === drawn.length) {
    drawn = randomBytes(NONCES * NONCE);
    spent = 0;
  }
  spent += NONCE;
  return drawn.subarray(spent - NONCE, spent);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function seal(
  values: Record<string, unknown>,
  names: readonly string[],
  subject: string,
  key: Uint8Array,
  eventId: string,
): Sealable {
  const fields = names.filter((name) => values[name] !== undefined);
  if (fields.length === 0) return values;
  const rest = { ...values };
  const inside: Record<string, unknown> = {};
  for (const field of fields) {
    inside[field] = values[field];
    delete rest[field];
  }
  // The nonce is random: a key closes the few events of one person, far below 2^32. The event's id
  // is bound in, so that a box cannot be moved to another event.
  const nonce = nextNonce();
  const cipher = chacha20poly1305(key, nonce, encoder.encode(eventId));
  const box = Buffer.concat([nonce, cipher.encrypt(encoder.encode(JSON.stringify(inside)))]);
  return { ...rest, $seal: { fields, subject, box: box.toString("base64") } };
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
  const box = Buffer.from($seal.box, "base64");
  const cipher = chacha20poly1305(key, box.subarray(0, NONCE), encoder.encode(eventId));
  return { ...rest, ...JSON.parse(decoder.decode(cipher.decrypt(box.subarray(NONCE)))) };
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

/**
 * A layer over any event store: personal fields of the data are stored sealed under the key of the
 * event's subject, address and device of the metadata under the key of the acting user, and both
 * come back open, or as `Erased`. Data of older schema versions comes back in the newest.
 */
export function sealed(store: EventStore, keyring: Keyring, catalogue: Catalogue): EventStore {
  const personal = new Map(
    [...catalogue].map(([type, { schema }]) => [type, personalFields(schema)]),
  );

  async function close(event: NewEvent): Promise<NewEvent> {
    const { subject } = event.meta;
    const fields = personal.get(event.type) ?? [];
    if (fields.length > 0 && !subject)
      throw new Error(`${event.type} holds personal data and names no subject`);
    const data =
      subject && fields.length > 0
        ? seal(event.data, fields, subject, await keyring.keyFor(subject), event.id)
        : event.data;
    const owner = ownerOf(event.meta);
    const meta = owner
      ? seal(event.meta, ["ip", "userAgent"], owner, await keyring.keyFor(owner), event.id)
      : event.meta;
    return { ...event, data, meta: meta as EventMeta };
  }

  /** What was appended here last, as it was before it was sealed: it need not be opened again. */
  const appended = new Map<string, NewEvent>();

  function remember(events: readonly NewEvent[]) {
    for (const event of events) appended.set(event.id, event);
    for (const id of appended.keys()) {
      if (appended.size <= APPENDED_MAX) return;
      appended.delete(id);
    }
  }

  /** Those who follow the end of the log are given the same events: each is opened once. */
  const openedBefore = new WeakMap<RecordedEvent, RecordedEvent>();

  async function open(events: RecordedEvent[], origin = true): Promise<RecordedEvent[]> {
    if (!origin) return openAll(events.map(withoutOrigin), new Map());
    const closed = events.filter((event) => !openedBefore.has(event));
    for (const [at, one] of (await openAll(closed, appended)).entries())
      openedBefore.set(closed[at] as RecordedEvent, one);
    return events.map((event) => openedBefore.get(event) as RecordedEvent);
  }

  async function openAll(
    events: RecordedEvent[],
    held: ReadonlyMap<string, NewEvent>,
  ): Promise<RecordedEvent[]> {
    const subjects = new Set<string>();
    for (const { data, meta } of events)
      for (const part of [data, meta]) {
        const subject = sealOf(part)?.subject;
        if (subject) subjects.add(subject);
      }
    const keys = await keyring.find([...subjects]);
    const isErasedOf = (part: object) => keys.get(sealOf(part)?.subject ?? "") === null;
    return events.map((event) => {
      const own = held.get(event.id);
      if (own && !isErasedOf(event.data) && !isErasedOf(event.meta))
        return { ...event, data: own.data, meta: own.meta };
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
      const answer = await store.append(stream, expected, await Promise.all(kept.map(close)));
      if (!answer.repeated) remember(kept);
      return answer;
    },
    readStream: (stream, options) => opened(store.readStream(stream, options), options?.origin),
    readAll: (options) => opened(store.readAll(options), options?.origin),
    subscribe: (options) => openedBatches(store.subscribe(options), options.origin),
  };
}
