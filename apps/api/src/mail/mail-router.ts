import { mail, notFound, permissionsOf, unlessErased } from "@daybook/domain";
import { mails } from "@daybook/projections";
import { z } from "zod";
import { commandInput, envelopeOf, pageInput, procedure, router } from "../trpc.ts";

const MASK = "••••••••";

const masked = (body: string, secrets: readonly string[]): string =>
  secrets.reduce((text, secret) => text.replaceAll(secret, MASK), body);

export const mailRouter = router({
  list: procedure("mail:read")
    .input(
      z.strictObject({
        ...pageInput,
        status: z.enum(["waiting", "sending", "sent", "failed"]).optional(),
      }),
    )
    .query(async ({ ctx, input: { status, cursor, limit } }) => {
      const filter = { where: { ...(status && { status }) } };
      const newestFirst = { sort: ["position"], direction: "descending" } as const;
      const page = { ...filter, ...newestFirst, limit, ...(cursor && { cursor }) };
      const [found, count] = await Promise.all([
        ctx.views.find(mails, page),
        ctx.views.count(mails, filter),
      ]);
      return { ...found, count };
    }),

  /** A mail and, where it was kept on disk, what it says. */
  get: procedure("mail:read")
    .input(z.strictObject({ id: z.string().max(200) }))
    .query(async ({ ctx, input }) => {
      const mail = await ctx.views.get(mails, input.id);
      if (!mail) throw notFound("mail/unknown");
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

  /**
   * Mails whoever asks, to their own address, by the way that all mail goes: what becomes of it is
   * seen as of any other. For those who may cause mail anyway.
   */
  test: procedure("people:write")
    .input(commandInput(z.object({})))
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
