import { setTimeout as delay } from "node:timers/promises";
import {
  authenticate,
  changePassword,
  networkOf,
  openSession,
  readOrganization,
  recoverPassword,
  requestPasswordReset,
  signIn,
} from "@daybook/application";
import { accountRequests, permissionsOf } from "@daybook/domain";
import type { Context } from "../context.ts";
import { commandInput, envelopeOf, procedure, publicProcedure, router } from "../trpc.ts";

/** Asking for a link takes this long at least, so that the time does not tell whose address it is. */
const RESET_FLOOR_MS = 300;

/**
 * A sign-in that fails takes this long at least. Checking a password takes the same for everybody,
 * but a name that somebody has costs a read more, and one that is paused is not checked at all.
 */
const FAILED_FLOOR_MS = 100;

/** What the work refuses, not before `floorMs`: how long it took does not tell why. */
async function refusingLate<T>(floorMs: number, work: Promise<T>): Promise<T> {
  const floor = delay(floorMs);
  try {
    return await work;
  } catch (error) {
    await floor;
    throw error;
  }
}

const web = { kind: "system", id: "sign-in" } as const;

async function me({ app, principal }: Context) {
  if (!principal) return null;
  const { account, membership } = principal;
  const organization = await readOrganization(app, membership.organization);
  const { id, username, email, firstName, lastName, mustChangePassword } = account;
  return {
    user: { id, username, email, firstName, lastName },
    organization: { id: membership.organization, name: organization?.name ?? "" },
    role: membership.role,
    permissions: permissionsOf(membership.role),
    mustChangePassword,
    logId: app.events.logId,
  };
}

export const sessionRouter = router({
  /** Who is signed in, or null: the first thing the web app asks. */
  me: publicProcedure.query(({ ctx }) => me(ctx)),

  signIn: publicProcedure
    .input(accountRequests.signIn.strict())
    .mutation(async ({ ctx, input }) => {
      const { app, ip, userAgent } = ctx;
      const envelope = { commandId: ctx.newId(), actor: web, ip, userAgent };
      const { token, position } = await refusingLate(FAILED_FLOOR_MS, signIn(app, input, envelope));
      // A session that was open in this browser before is not left behind.
      if (ctx.token) await app.sessions.end(ctx.token);
      ctx.setSession(token);
      return {
        position,
        me: await me({ ...ctx, principal: await authenticate(app, token, { keepAlive: false }) }),
      };
    }),

  signOut: publicProcedure.mutation(async ({ ctx }) => {
    if (ctx.token) await ctx.app.sessions.end(ctx.token);
    ctx.setSession(undefined);
    return {};
  }),

  changePassword: procedure("password-change")
    .input(commandInput(accountRequests.changePassword))
    .mutation(async ({ ctx, input }) => {
      const { app, principal, ip, userAgent } = ctx;
      const outcome = await changePassword(
        app,
        principal.account.id,
        input.data,
        envelopeOf(ctx, input),
        { id: ctx.newId(), network: networkOf(app, ip) },
      );
      // Every session of the old credential has ended; this browser gets a new one.
      const credential = String(outcome.events[0]?.data.credential);
      const token = await openSession(app, { ...principal.account, credential }, { ip, userAgent });
      if (ctx.token) await app.sessions.end(ctx.token);
      ctx.setSession(token);
      return { revision: outcome.revision, position: outcome.position };
    }),

  requestPasswordReset: publicProcedure
    .input(commandInput(accountRequests.requestPasswordReset))
    .mutation(async ({ ctx, input }) => {
      const { ip, userAgent } = ctx;
      const envelope = { commandId: input.commandId, actor: web, organization: "", ip, userAgent };
      const work = requestPasswordReset(ctx.app, input.data, envelope);
      await Promise.all([work, delay(RESET_FLOOR_MS)]);
      return {};
    }),

  recoverPassword: publicProcedure
    .input(commandInput(accountRequests.recoverPassword))
    .mutation(async ({ ctx, input }) => {
      const { ip, userAgent } = ctx;
      const envelope = { commandId: input.commandId, actor: web, organization: "", ip, userAgent };
      const { revision, position } = await recoverPassword(ctx.app, input.data, envelope);
      return { revision, position };
    }),
});
