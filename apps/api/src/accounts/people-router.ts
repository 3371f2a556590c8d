import {
  changeEmail,
  createPerson,
  homeAccount,
  type Options,
  resetPassword,
} from "@daybook/application";
import {
  accountRequests,
  type Decider,
  type Message,
  membership,
  membershipCommands,
  membershipId,
  notFound,
  type Table,
  user,
  userCommands,
} from "@daybook/domain";
import { people } from "@daybook/projections";
import { z } from "zod";
import type { SignedIn } from "../context.ts";
import { listProcedure } from "../lists/list.ts";
import { commandInput, commandOn, envelopeOf, procedure, router } from "../trpc.ts";
import { peopleList } from "./people-list.ts";

const none = z.object({});

type OnPerson = { id: string; commandId: string; reason?: string | undefined } & {
  revision?: number | undefined;
};

const options = ({ revision }: OnPerson): Options => ({ expectedRevision: revision });

/** A command on the person's stream, or on their place in the organization. */
const onUser = (ctx: SignedIn, input: OnPerson, command: Message<typeof userCommands>) =>
  onHome(ctx, input, user, input.id, command);

const onMembership = (
  ctx: SignedIn,
  input: OnPerson,
  command: Message<typeof membershipCommands>,
) =>
  onHome(
    ctx,
    input,
    membership,
    membershipId(ctx.principal.membership.organization, input.id),
    command,
  );

async function onHome<S, C extends Table, E extends Table>(
  ctx: SignedIn,
  input: OnPerson,
  decider: Decider<S, C, E>,
  stream: string,
  command: NoInfer<Message<C>>,
) {
  await homeOnly(ctx, input.id);
  return answer(
    await ctx.app.execute(
      decider,
      stream,
      command,
      envelopeOf(ctx, input, input.id),
      options(input),
    ),
  );
}

const homeOnly = (ctx: SignedIn, person: string) =>
  homeAccount(ctx.app, ctx.principal.membership.organization, person);

/** What a command answers: where it left the stream, and what a query must have seen. */
const answer = ({ revision, position }: { revision: number; position: number }) => ({
  revision,
  position,
});

export const peopleRouter = router({
  list: listProcedure(peopleList),

  get: procedure("people:read")
    .input(z.strictObject({ id: z.uuidv7() }))
    .query(async ({ ctx, input }) => {
      const person = await ctx.views.get(people, input.id);
      if (!person) throw notFound("user/unknown");
      return person;
    }),

  create: procedure("people:write")
    .input(commandInput(accountRequests.createPerson))
    .mutation(async ({ ctx, input }) => {
      const { user, temporaryPassword, ...outcome } = await createPerson(
        ctx.app,
        input.data,
        envelopeOf(ctx, input),
      );
      return { ...answer(outcome), user, temporaryPassword };
    }),

  changeEmail: procedure("people:write")
    .input(commandOn(accountRequests.changeEmail))
    .mutation(async ({ ctx, input }) =>
      answer(
        await changeEmail(ctx.app, input.id, input.data, envelopeOf(ctx, input), options(input)),
      ),
    ),

  rename: procedure("people:write")
    .input(commandOn(userCommands.RenameUser))
    .mutation(({ ctx, input }) => onUser(ctx, input, { type: "RenameUser", data: input.data })),

  changePhone: procedure("people:write")
    .input(commandOn(userCommands.ChangeUserPhone))
    .mutation(({ ctx, input }) =>
      onUser(ctx, input, { type: "ChangeUserPhone", data: input.data }),
    ),

  changeRole: procedure("people:write")
    .input(commandOn(membershipCommands.ChangeMemberRole))
    .mutation(({ ctx, input }) =>
      onMembership(ctx, input, { type: "ChangeMemberRole", data: input.data }),
    ),

  deactivate: procedure("people:write")
    .input(commandOn(none))
    .mutation(({ ctx, input }) => onMembership(ctx, input, { type: "DeactivateMember", data: {} })),

  reactivate: procedure("people:write")
    .input(commandOn(none))
    .mutation(({ ctx, input }) => onMembership(ctx, input, { type: "ReactivateMember", data: {} })),

  resetPassword: procedure("people:write")
    .input(commandOn(none))
    .mutation(async ({ ctx, input }) => {
      const envelope = envelopeOf(ctx, input);
      const outcome = await resetPassword(ctx.app, input.id, envelope, options(input));
      return { ...answer(outcome), temporaryPassword: outcome.temporaryPassword };
    }),
});
