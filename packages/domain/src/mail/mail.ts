import { z } from "zod";
import { conflict, defineDecider, invalid, notFound, personal } from "../kernel/index.ts";

/** The mails there are, and the properties each template is rendered with. */
export const mailTemplates = {
  "account-created": z.object({ name: z.string(), username: z.string(), email: z.string() }),
  "password-reset": z.object({ name: z.string(), username: z.string() }),
  "password-reset-link": z.object({ name: z.string() }),
  "password-changed": z.object({ name: z.string(), at: z.string() }),
  "test-mail": z.object({ name: z.string(), at: z.string() }),
};
export type MailTemplate = keyof typeof mailTemplates;
export const mailTemplate = z.enum(Object.keys(mailTemplates) as [MailTemplate]);

/** A secret that goes into the mail. It is derived when the mail is sent, and never stored. */
export const mailSecret = z.object({
  kind: z.enum(["temporary-password", "reset-link"]),
  /** The user and the credential or request that the secret belongs to. */
  user: z.string(),
  id: z.string(),
});
export type MailSecret = z.output<typeof mailSecret>;

const mailData = {
  template: mailTemplate,
  secret: mailSecret.optional(),
  /** After this the content is of no use, and the mail is given up. */
  expiresAt: z.iso.datetime().optional(),
};

export const mailCommands = {
  RequestMail: z.object({
    ...mailData,
    to: z.string(),
    properties: z.record(z.string(), z.string()),
  }),
  AttemptMail: z.object({}),
  RecordMailSent: z.object({ attempt: z.int() }),
  RecordMailFailed: z.object({ attempt: z.int(), error: z.string(), permanent: z.boolean() }),
  /** Sends a mail again that is over, as a copy of its own. */
  RepeatMail: z.object({}),
};

export const mailEvents = {
  MailRequested: z.object({
    ...mailData,
    to: personal(z.string()),
    properties: personal(z.record(z.string(), z.string())),
  }),
  /** Recorded before the mail server is asked. Until `leaseUntil` no other attempt starts. */
  MailAttempted: z.object({
    /** Rises over all rounds. */
    attempt: z.int(),
    /** Of a mail that was repeated, how often it is being sent; left out in the first round. */
    round: z.int().optional(),
    leaseUntil: z.iso.datetime(),
  }),
  MailSent: z.object({ attempt: z.int() }),
  /** Without `retryAt` it is final. */
  MailFailed: z.object({
    attempt: z.int(),
    error: personal(z.string()),
    retryAt: z.iso.datetime().optional(),
  }),
  /** It is due again, with as many attempts as a new one. */
  MailRepeated: z.object({ from: z.enum(["sent", "failed"]) }),
};

type Mail = {
  status: "unknown" | "waiting" | "sending" | "sent" | "failed";
  attempt: number;
  /** From 1: each sends a copy of its own. */
  round: number;
  /** The attempts of the rounds before. */
  before: number;
  /** When the next attempt may start. */
  nextAt: string;
  expiresAt: string | undefined;
};

/** Longer than the sender's own time-outs (45 s in all), so that a live attempt is never doubled. */
export const MAIL_LEASE_MS = 60_000;

/** Waits after each transient failure of a round: about a day in all, as mail servers themselves do. */
const RETRY_MS = [10_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 28_800_000, 43_200_000];

const after = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const hasExpired = ({ expiresAt }: Mail, at: string): boolean =>
  expiresAt !== undefined && expiresAt <= at;

const underWay = ({ status, attempt }: Mail, reported: number) => {
  if (status !== "sending" || attempt !== reported) throw conflict("mail/attempt-over");
};

export const mail = defineDecider<Mail>()({
  stream: "mail",
  version: 2,
  commands: mailCommands,
  events: mailEvents,
  initial: {
    status: "unknown",
    attempt: 0,
    round: 1,
    before: 0,
    nextAt: "",
    expiresAt: undefined,
  },
  decide: {
    RequestMail({ status }, data) {
      if (status !== "unknown") return [];
      const properties = mailTemplates[data.template].safeParse(data.properties);
      if (!properties.success) throw invalid("mail/properties", { template: data.template });
      return [{ type: "MailRequested", data }];
    },
    AttemptMail(state, _, { at }) {
      const { status, attempt, round, nextAt } = state;
      if (status === "unknown") throw notFound("mail/unknown");
      if (status === "sent" || status === "failed") throw conflict("mail/over");
      if (nextAt > at) throw conflict("mail/not-due", { nextAt });
      if (hasExpired(state, at))
        return [{ type: "MailFailed", data: { attempt, error: "The content has expired." } }];
      const leaseUntil = after(at, MAIL_LEASE_MS);
      const data = { attempt: attempt + 1, ...(round > 1 && { round }), leaseUntil };
      return [{ type: "MailAttempted", data }];
    },
    RecordMailSent(state, { attempt }) {
      underWay(state, attempt);
      return [{ type: "MailSent", data: { attempt } }];
    },
    RecordMailFailed(state, { attempt, error, permanent }, { at }) {
      underWay(state, attempt);
      const wait = permanent ? undefined : RETRY_MS[attempt - state.before - 1];
      const retryAt = wait === undefined ? {} : { retryAt: after(at, wait) };
      return [{ type: "MailFailed", data: { attempt, error, ...retryAt } }];
    },
    RepeatMail(state, _, { at }) {
      const { status } = state;
      if (status === "unknown") throw notFound("mail/unknown");
      if (status === "waiting" || status === "sending") throw conflict("mail/under-way");
      if (hasExpired(state, at)) throw conflict("mail/expired");
      return [{ type: "MailRepeated", data: { from: status } }];
    },
  },
  evolve: {
    MailRequested: (state, { expiresAt }, { at }) => ({
      ...state,
      status: "waiting",
      nextAt: at,
      expiresAt,
    }),
    MailAttempted: (state, { attempt, leaseUntil }) => ({
      ...state,
      status: "sending",
      attempt,
      nextAt: leaseUntil,
    }),
    MailSent: (state) => ({ ...state, status: "sent" }),
    MailFailed: (state, { retryAt }) =>
      retryAt ? { ...state, status: "waiting", nextAt: retryAt } : { ...state, status: "failed" },
    MailRepeated: (state, _, { at }) => ({
      ...state,
      status: "waiting",
      round: state.round + 1,
      before: state.attempt,
      nextAt: at,
    }),
  },
});
