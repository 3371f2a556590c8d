import {
  inTime,
  type Mailer,
  type MailMessage,
  type MailRefused,
  type Queue,
} from "@daybook/adapters";
import { type App, annotate, type Envelope, tracedAfter } from "@daybook/application";
import { resetToken, temporaryPassword } from "@daybook/auth";
import {
  isErased,
  type MailSecret,
  type MailTemplate,
  mail,
  type mailEvents,
  type RecordedEvent,
  Refusal,
  streamName,
} from "@daybook/domain";
import type { MailProperties, RenderedMail } from "@daybook/emails";
import type { z } from "zod";
import { addPending } from "./pending.ts";
import { watchTaking } from "./watchdog.ts";

export type SenderParts = {
  app: App;
  mailer: Mailer;
  queue: Queue;
  /** The address people use, for links; known once the server listens. */
  url: () => string;
  newId: () => string;
  onError: (error: unknown) => void;
  /** How often pending mail is looked up again, where not every 15 s. */
  sweepMs?: number;
  /** How long the mailer may take for a mail, where not 45 s. */
  sendMs?: number;
};

export type Sender = {
  status: () => { sent: number; failed: number; destination: string };
  stop: () => Promise<void>;
};

type Requested = z.output<(typeof mailEvents)["MailRequested"]>;
type Attempted = z.output<(typeof mailEvents)["MailAttempted"]>;

/**
 * Mails worked on at once: more than the SMTP transport has connections, so that none of them waits
 * while attempts and outcomes are recorded.
 */
const CONCURRENCY = 20;
/** Shorter than the lease of an attempt: a sender that hangs gives up before another starts. */
const SEND_MS = 45_000;

const system = { kind: "system", id: "mail-sender" } as const;

function openSecret({ app, url }: SenderParts, { kind, user, id }: MailSecret): string {
  return kind === "temporary-password"
    ? temporaryPassword(app.keys, user, id)
    : // Behind the #, so that it is never sent to a server or written to its log.
      `${url()}/reset-password#${resetToken(app.keys, user, id)}`;
}

/** Loaded with the first mail: the templates take half a second to import. */
async function render(
  parts: SenderParts,
  requested: Requested,
): Promise<RenderedMail & { secrets: string[] }> {
  const { renderMail } = await import("@daybook/emails");
  const secret = requested.secret && openSecret(parts, requested.secret);
  const properties = requested.properties as MailProperties<MailTemplate>;
  const context = { url: parts.url(), secret, expiresAt: requested.expiresAt };
  const rendered = await renderMail(requested.template, properties, context);
  return { ...rendered, secrets: secret ? [secret] : [] };
}

/**
 * Sends what was requested. An attempt is recorded before the server is asked and its outcome
 * after, so a mail is never accepted more often than it was attempted, and none is lost.
 */
export function startSender(parts: SenderParts): Sender {
  const { app, mailer, queue, newId, onError, sendMs = SEND_MS } = parts;
  const abort = new AbortController();
  let sent = 0;
  let failed = 0;

  async function attempt(
    id: string,
    about: Omit<Envelope, "commandId">,
  ): Promise<Attempted | undefined> {
    try {
      const envelope = { ...about, commandId: newId() };
      const { events } = await app.execute(mail, id, { type: "AttemptMail", data: {} }, envelope);
      const [event] = events;
      return event?.type === "MailAttempted" ? (event.data as Attempted) : undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Another sender has it, or its time has not come.
      if (error.code === "mail/not-due")
        await queue.add(id, new Date(String(error.details.nextAt)));
      return undefined;
    }
  }

  async function deliver(
    id: string,
    requested: Requested,
    { round }: Attempted,
  ): Promise<MailRefused | Error | undefined> {
    const { to, properties } = requested;
    if (isErased(to) || isErased(properties))
      return Object.assign(new Error("The recipient's data was erased."), { permanent: true });
    const tooLate = () => new Error("The mail server is too slow.");
    try {
      await inTime(sendMs, tooLate, async (late) => {
        const rendered = await render(parts, requested);
        const message: MailMessage = { id, round, to, ...rendered };
        await mailer.send(message, late);
      });
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  async function send(id: string) {
    let first: RecordedEvent | undefined;
    for await (const event of app.events.readStream(streamName(mail, id), { limit: 1 }))
      first = event;
    const request = first;
    if (request) await tracedAfter(request, "mail send", () => sendRequested(id, request));
  }

  async function sendRequested(id: string, first: RecordedEvent) {
    const { organization, subject, correlationId } = first.meta;
    const about = { actor: system, organization, subject, correlationId, causationId: first.id };
    const attempted = await attempt(id, about);
    if (!attempted) return;
    const requested = first.data as Requested;
    const failure = await deliver(id, requested, attempted);
    annotate({
      "daybook.mail": requested.template,
      "daybook.outcome": failure ? "failed" : "sent",
    });
    const envelope = { ...about, commandId: newId() };
    const number = { attempt: attempted.attempt };
    if (!failure) {
      await app.execute(mail, id, { type: "RecordMailSent", data: number }, envelope);
      sent++;
      return;
    }
    const permanent = "permanent" in failure && failure.permanent;
    const data = { ...number, error: failure.message.slice(0, 500), permanent };
    const { events } = await app.execute(mail, id, { type: "RecordMailFailed", data }, envelope);
    failed++;
    const retryAt = events[0]?.data.retryAt;
    if (typeof retryAt === "string") await queue.add(id, new Date(retryAt));
  }

  const watch = watchTaking(queue, onError);
  const pending = addPending({ ...parts, swept: watch.swept }, abort.signal);
  queue.process((id) => watch.during(send(id)), CONCURRENCY);
  return {
    status: () => ({ sent, failed, destination: mailer.destination }),
    stop: async () => {
      abort.abort();
      await pending;
      await queue.close();
    },
  };
}
