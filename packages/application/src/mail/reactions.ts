import {
  type Erased,
  isErased,
  type MailSecret,
  type MailTemplate,
  mail,
  type mailTemplates,
  type Name,
  reaction,
  streamName,
  type Table,
} from "@daybook/domain";
import { type FoldMeta, foldMeta } from "@daybook/projections";
import type { z } from "zod";
import type { App } from "../app.ts";
import type { Envelope } from "../commands/command-path.ts";
import { deriveId } from "../commands/ids.ts";
import { CHECKPOINTS } from "../views/names.ts";
import type { CheckpointRow } from "../views/views.ts";

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

const open = (value: string | Erased | undefined) => (isErased(value) ? undefined : value);

/** The envelope that led to an event: to go on with what was asked for, as who asked for it. */
export const continuing = (meta: FoldMeta): Envelope => ({
  commandId: meta.commandId,
  actor: meta.actor,
  organization: meta.organization,
  subject: meta.subject,
  ip: open(meta.ip),
  userAgent: open(meta.userAgent),
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

export type MailRequest = {
  [K in MailTemplate]: {
    template: K;
    to: string;
    properties: z.input<(typeof mailTemplates)[K]>;
    secret?: MailSecret;
    expiresAt?: string;
  };
}[MailTemplate];

/** Requests a mail about an event: once, however often the event is seen. */
export const requestMail = (app: App, by: string, meta: FoldMeta, data: MailRequest) =>
  app.execute(mail, `${meta.eventId}.${by}`, { type: "RequestMail", data }, following(meta, by));

export type ReactionRunner = {
  status: () => { name: string; position: number }[];
  restarts: () => number;
  stop: () => Promise<void>;
};

const RETRY_MS = 500;
const RETRY_MAX_MS = 30_000;

/** Where a reaction's work begins: the place in the log of its first deployment. */
async function deployedAt(app: App, name: string): Promise<number> {
  await app.execute(
    reaction,
    name,
    { type: "DeployReaction", data: { name } },
    {
      commandId: deriveId("00000000-0000-7000-8000-000000000000", "deploy", name),
      actor: { kind: "system", id: "worker" },
      organization: "",
    },
  );
  const stream = streamName(reaction, name);
  for await (const { position } of app.events.readStream(stream, { limit: 1 })) return position;
  throw new Error(`${stream} is empty after it was written`);
}

/**
 * Runs the reactions over one read of the log. The checkpoint only saves work: without it they start
 * again at their deployment, and what they did is recognized.
 */
export async function startReactions(
  app: App,
  reactions: readonly Reaction[],
  onError: (error: unknown) => void,
): Promise<ReactionRunner> {
  const abort = new AbortController();
  const { signal } = abort;
  let restarts = 0;
  const members = await Promise.all(
    reactions.map(async (one) => {
      const deployed = await deployedAt(app, one.name);
      const id = `reaction.${one.name}`;
      const saved = (await app.documents.get<CheckpointRow>(CHECKPOINTS, id))?.row?.position ?? 0;
      const position = saved > (await app.events.head()) ? deployed : Math.max(saved, deployed);
      return { ...one, id, position };
    }),
  );
  const types = [...new Set(members.flatMap(({ on }) => Object.keys(on)))];

  async function save(member: (typeof members)[number]) {
    const { id, position } = member;
    const before = (await app.documents.get(CHECKPOINTS, id))?.guard;
    const row = { id, organization: "", position };
    await app.documents.write(CHECKPOINTS, [{ id, row, guard: (before ?? 0) + 1, after: before }]);
  }

  async function follow() {
    const after = Math.min(...members.map(({ position }) => position));
    for await (const batch of app.events.subscribe({ after, types, signal }))
      for (const member of members) {
        for (const event of batch.events) {
          if (event.position <= member.position) continue;
          await member.on[event.type]?.(app, event.data as never, foldMeta(event));
          member.position = event.position;
        }
        if (batch.position === member.position && batch.events.length === 0) continue;
        member.position = Math.max(member.position, batch.position);
        await save(member);
      }
  }

  async function run() {
    let wait = RETRY_MS;
    while (!signal.aborted && members.length > 0) {
      try {
        await follow();
      } catch (error) {
        restarts++;
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, wait).unref());
        wait = Math.min(wait * 2, RETRY_MAX_MS);
      }
    }
  }

  const running = run();
  return {
    status: () => members.map(({ name, position }) => ({ name, position })),
    restarts: () => restarts,
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}
