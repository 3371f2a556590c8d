import { type Name, type Table, unlessErased } from "@daybook/domain";
import type { FoldMeta } from "@daybook/projections";
import type { z } from "zod";
import type { App } from "../app.ts";
import type { Envelope } from "../commands/command-path.ts";
import { deriveId } from "../commands/ids.ts";

/** Turns events into work outside. What it does must be harmless when it is done again. */
export type Reaction = {
  /** Part of the streams it makes: it never changes. */
  name: string;
  on: Readonly<Record<string, (app: App, data: never, meta: FoldMeta) => Promise<unknown>>>;
};

/** Defines a reaction on events of a table; one that is not in it does not compile. */
export const defineReaction = <E extends Table>(
  _events: E,
  name: string,
  on: {
    [K in Name<NoInfer<E>>]?: (app: App, data: z.output<E[K]>, meta: FoldMeta) => Promise<unknown>;
  },
): Reaction => ({ name, on: on as unknown as Reaction["on"] });

/** The envelope that led to an event: to go on with what was asked for, as who asked for it. */
export const continuing = (meta: FoldMeta): Envelope => ({
  commandId: meta.commandId,
  actor: meta.actor,
  organization: meta.organization,
  subject: meta.subject,
  ip: unlessErased(meta.ip),
  userAgent: unlessErased(meta.userAgent),
  reason: meta.reason,
  correlationId: meta.correlationId,
  causationId: meta.causationId,
});

/** The envelope of what follows from an event, with an id that is the same every time. */
export const following = (meta: FoldMeta, by: string): Envelope => ({
  commandId: deriveId(meta.eventId, by),
  actor: { kind: "system", id: by },
  organization: meta.organization,
  subject: meta.subject,
  correlationId: meta.correlationId,
  causationId: meta.eventId,
});
