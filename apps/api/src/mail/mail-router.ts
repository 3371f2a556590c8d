import { mail, mailTemplate, notFound, permissionsOf, unlessErased } from "@daybook/domain";
import { type MailRow, mails } from "@daybook/projections";
import { z } from "zod";
import type { SignedIn } from "../context.ts";
import { listProcedure } from "../lists/list.ts";
import { commandInput, commandOn, envelopeOf, procedure, router } from "../trpc.ts";
import { mailList } from "./mail-list.ts";
import { masked } from "./masking.ts";

const none = z.object({});
const mailId = z.string().max(200);

/** A mail of the organization's own. */
async function mailOf({ views }: SignedIn, id: string): Promise<MailRow> {
  const mail = await views.get(mails, id);
  if (!mail) throw notFound("mail/unknown");
  return mail;
}

/** Whether the data of the person that a mail is about was erased, also where its row still has it. */
async function isForgotten({ app }: SignedIn, { subject }: MailRow): Promise<boolean> {
  return subject !== undefined && (await app.keyring.find([subject])).get(subject) === null;
}

/** Loaded with the first preview: the templates take a while to import. */
const loadEmails = () => import("@daybook/emails");

export const mailRouter = router({
  list: listProcedure(mailList),

  /** A mail and, where it was kept on disk, what it says. */
  get: procedure("mail:read")
    .input(z.strictObject({ id: mailId }))
    .query(async ({ ctx, input }) => {
      const mail = await mailOf(ctx, input.id);
      const stored = await ctx.mailbox?.read(input.id);
      if (!stored) return { mail, message: null };
      // Off loopback secrets are masked for everyone. Even there they open accounts: they are for
      // those who may reset passwords anyway.
      const { role } = ctx.principal.membership;
      const shows = ctx.showSecrets && permissionsOf(role).includes("people:write");
      const secrets = shows ? [] : stored.secrets;
      const message = {
        from: stored.from,
        subject: stored.subject,
        html: masked(stored.html, secrets),
        text: masked(stored.text, secrets),
        masked: secrets.length > 0,
      };
      return { mail, message };
    }),

  /** The mails there are, by template. */
  templates: procedure("mail:read").query(async () => {
    const { subjectOf } = await loadEmails();
    return mailTemplate.options.map((template) => ({ template, subject: subjectOf(template) }));
  }),

  /** A mail as it would look: of invented people, with secrets that open nothing. */
  preview: procedure("mail:read")
    .input(z.strictObject({ template: mailTemplate }))
    .query(async ({ ctx, input }) => {
      const { renderSample } = await loadEmails();
      return renderSample(input.template, ctx.url());
    }),

  /** Mails a copy of what was sent, or failed for good, to the address it was for. */
  sendAgain: procedure("people:write")
    .input(commandOn(none, mailId))
    .mutation(async ({ ctx, input }) => {
      const row = await mailOf(ctx, input.id);
      if (await isForgotten(ctx, row)) throw notFound("person/erased");
      const { revision, position } = await ctx.app.execute(
        mail,
        input.id,
        { type: "RepeatMail", data: {} },
        envelopeOf(ctx, input, row.subject),
        { expectedRevision: input.revision },
      );
      return { revision, position };
    }),

  /**
   * Mails whoever asks, to their own address, by the way that all mail goes: what becomes of it is
   * seen as of any other. For those who may cause mail anyway.
   */
  test: procedure("people:write")
    .input(commandInput(none))
    .mutation(async ({ ctx, input }) => {
      const { id: subject, email, firstName } = ctx.principal.account;
      const properties = { name: unlessErased(firstName) ?? "", at: ctx.app.now().toISOString() };
      const data = { template: "test-mail", to: unlessErased(email) ?? "", properties } as const;
      const id = input.commandId;
      const envelope = envelopeOf(ctx, input, subject);
      const { position } = await ctx.app.execute(mail, id, { type: "RequestMail", data }, envelope);
      return { id, position };
    }),
});
