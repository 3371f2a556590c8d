import {
  changeEmail,
  createPerson,
  homeAccount,
  type Options,
  resetPassword,
  search,
} from "@daybook/application";
import {
  accountRequests,
  type Decider,
  type Message,
  membership,
  membershipCommands,
  membershipId,
  notFound,
  role,
  type Table,
  user,
  userCommands,
} from "@daybook/domain";
import { history, people, type TimelineEntry, withChanges } from "@daybook/projections";
import { z } from "zod";
import type { SignedIn } from "../context.ts";
import {
  commandInput,
  commandOn,
  envelopeOf,
  pageInput,
  procedure,
  router,
  searchInput,
} from "../trpc.ts";

const none = z.object({});

/** Changes looked through for what a field was before: further back it shows as set anew. */
const LOOK_BACK = 500;

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

/** The names of the people who acted, as far as they belong to the organization. */
async function namesOf({ views }: SignedIn, entries: readonly TimelineEntry[]) {
  const users = entries.filter(({ actor }) => actor.kind === "user").map(({ actor }) => actor.id);
  const found = await Promise.all([...new Set(users)].map((id) => views.get(people, id)));
  return Object.fromEntries(
    found
      .filter((person) => person !== undefined)
      .map(({ id, firstName, lastName }) => [id, { firstName, lastName }]),
  );
}

const status = z.enum(["active", "inactive"]);

const listInput = z.strictObject({
  ...pageInput,
  /**
   * The start of "last name first name", a first name, a username or an e-mail address. What is
   * found is ordered by what matched: `sort` and `order` are for the list that is not searched.
   */
  search: searchInput,
  status: status.optional(),
  role: role.optional(),
  sort: z.enum(["name", "created", "lastSignIn"]).default("name"),
  order: z.enum(["ascending", "descending"]).default("ascending"),
});

const sortFields = { name: "sortName", created: "createdAt", lastSignIn: "lastSignInAt" } as const;

const searchFields = ["sortName", "searchFirstName", "searchUsername", "searchEmail"] as const;

export const peopleRouter = router({
  list: procedure("people:read")
    .input(listInput)
    .query(async ({ ctx, input }) => {
      const { search: prefix, sort, order: direction, cursor, limit } = input;
      // The indexes begin with both: all values of one that is open are asked for by name.
      const where = {
        status: input.status ?? { in: status.options },
        role: input.role ?? { in: role.options },
      };
      const page = { where, limit, ...(cursor && { cursor }) };
      const [found, count] = await Promise.all([
        prefix
          ? search(ctx.views, people, { ...page, fields: searchFields, prefix })
          : ctx.views.find(people, { ...page, sort: [sortFields[sort]], direction }),
        ctx.views.count(people, {
          where,
          ...(prefix && { anyOf: searchFields.map((field) => ({ [field]: { prefix } })) }),
        }),
      ]);
      return { ...found, count };
    }),

  get: procedure("people:read")
    .input(z.strictObject({ id: z.uuidv7() }))
    .query(async ({ ctx, input }) => {
      const person = await ctx.views.get(people, input.id);
      if (!person) throw notFound("user/unknown");
      return person;
    }),

  history: procedure("history:read")
    .input(z.strictObject({ id: z.uuidv7(), ...pageInput }))
    .query(async ({ ctx, input }) => {
      const newestFirst = { direction: "descending" } as const;
      const page = await ctx.views.find(history, {
        ...newestFirst,
        where: { subject: input.id },
        sort: ["position"],
        limit: input.limit,
        ...(input.cursor && { cursor: input.cursor }),
      });
      // What a field was before stands in an older entry that set it.
      const oldest = page.rows.at(-1)?.position ?? 0;
      const before = await ctx.views.find(history, {
        ...newestFirst,
        where: { subject: input.id, changes: true, position: { lt: oldest } },
        sort: ["position"],
        limit: LOOK_BACK,
      });
      const rows = withChanges(page.rows, before.rows);
      return { rows, cursor: page.cursor, names: await namesOf(ctx, rows) };
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
