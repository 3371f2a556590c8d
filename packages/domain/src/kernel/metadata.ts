import type { Erased } from "./message.ts";

/** Who acted: a signed-in user, a program with a key, or a named part of the system. */
export type Actor = { kind: "user" | "program" | "system"; id: string };

/** What is recorded beside the data of every event: who, when, where, why, and on whose behalf. */
export type EventMeta = {
  /** ISO 8601 in UTC, taken once per command by the program, never the store's clock. */
  at: string;
  actor: Actor;
  organization: string;
  /** The person it is about; personal fields are sealed under this person's key. */
  subject?: string;
  commandId: string;
  /** What was asked for, as the decider names it. */
  command?: string;
  correlationId: string;
  causationId?: string;
  /** Sealed under the key of the actor. */
  ip?: string | Erased;
  /** Sealed under the key of the actor. */
  userAgent?: string | Erased;
  /** Why, in the words of who did it. */
  reason?: string;
  schemaVersion: number;
};

/** An event as it was recorded. `data` is in the newest schema version, its personal fields open. */
export type RecordedEvent = {
  id: string;
  type: string;
  stream: string;
  /** Zero-based place in its stream. */
  revision: number;
  /** Place in the log: a safe integer, rising, with gaps. */
  position: number;
  data: Record<string, unknown>;
  meta: EventMeta;
};
