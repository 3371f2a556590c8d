import {
  forbidden,
  type Permission,
  permissionsOf,
  reason,
  unauthenticated,
} from "@daybook/domain";
import { initTRPC } from "@trpc/server";
import { z } from "zod";
import type { Context, SignedIn } from "./context.ts";
import { errorData } from "./errors.ts";

const t = initTRPC.context<Context>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    // Whatever went wrong inside is for the log, not for the client.
    message: error.code === "INTERNAL_SERVER_ERROR" ? "server/failed" : shape.message,
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, ...errorData(error) },
  }),
});

export const router = t.router;

/**
 * Who may call a procedure: everybody, whoever is signed in, also those who must first change their
 * password, or who has a permission.
 */
export type Access = "public" | "signed-in" | "password-change" | Permission;

/** Refuses whoever may not. */
export function authorize(ctx: Context, access: Access): asserts ctx is SignedIn {
  const { principal } = ctx;
  if (!principal) throw unauthenticated("session/required");
  const { account, membership } = principal;
  if (account.mustChangePassword && access !== "password-change")
    throw forbidden("session/password-change-required");
  const needed = access === "signed-in" || access === "password-change" ? undefined : access;
  if (needed && !permissionsOf(membership.role).includes(needed as Permission))
    throw forbidden("session/forbidden", { permission: needed });
}

/** A procedure for everybody: what it does is guarded by itself. */
export const publicProcedure = t.procedure;

/**
 * The start of every other procedure: one that does not say who may call it does not compile. The
 * context goes on as it is, since a changed one is copied field by field at each further step.
 */
export const procedure = (access: Exclude<Access, "public">) =>
  t.procedure.use(({ ctx, next }) => {
    authorize(ctx, access);
    return next<Pick<SignedIn, "principal" | "views">>({});
  });

const envelope = {
  /** UUIDv7, made by the client, the same for every retry of one request. */
  commandId: z.uuidv7(),
  /** Why, in the person's own words: recorded with the events. */
  reason: reason.optional(),
};

/** The input of a command: its own schema, in an envelope that every command has. */
export const commandInput = <S extends z.core.$ZodShape>({ shape }: z.ZodObject<S>) =>
  z.strictObject({ ...envelope, data: z.strictObject(shape) });

/** The same for a command on something that exists; `revision` is the one the form showed. */
export const commandOn = <S extends z.core.$ZodShape>(
  { shape }: z.ZodObject<S>,
  id: z.ZodString | z.ZodUUID = z.uuidv7(),
) =>
  z.strictObject({
    ...envelope,
    id,
    revision: z.int().min(-1).optional(),
    data: z.strictObject(shape),
  });

/** The envelope of a command by the signed-in person. */
export const envelopeOf = (
  { principal, ip, userAgent }: SignedIn,
  { commandId, reason }: { commandId: string; reason?: string | undefined },
  subject?: string,
) => ({
  commandId,
  reason,
  subject,
  actor: { kind: "user", id: principal.account.id } as const,
  organization: principal.membership.organization,
  ip,
  userAgent,
});

/** A page of a list, as clients ask for it. */
export const pageInput = {
  cursor: z.string().max(2000).optional(),
  limit: z.int().min(1).max(200).default(50),
  /** Sent along by tRPC's client for lists that grow; ours grow forward only. */
  direction: z.literal("forward").optional(),
};
