import { type Permission, permissionsOf } from "@daybook/domain";
import { headcounts, mailCounts, signInHours } from "@daybook/projections";
import { z } from "zod";
import type { SignedIn } from "../context.ts";
import { behindOf } from "../progress.ts";
import { procedure, router } from "../trpc.ts";

const HOUR_MS = 3_600_000;
/** The longest that is asked for: a week. */
const HOURS_MAX = 168;

async function peopleOf({ views, principal }: SignedIn) {
  const counted = await views.get(headcounts, principal.membership.organization);
  return { active: counted?.active ?? 0, inactive: counted?.inactive ?? 0 };
}

async function mailOf({ views, principal }: SignedIn) {
  const counted = await views.get(mailCounts, principal.membership.organization);
  const { pending = 0, sent = 0, failed = 0 } = counted ?? {};
  return { pending, sent, failed };
}

/** So many hours, oldest first, the current one last; those without a document were quiet. */
async function signInsOf({ app, views }: SignedIn, hours: number) {
  const first = Math.floor(app.now().getTime() / HOUR_MS) - hours + 1;
  const all = Array.from({ length: hours }, (_, hour) =>
    new Date((first + hour) * HOUR_MS).toISOString(),
  );
  const since = new Date(first * HOUR_MS).toISOString();
  const { rows } = await views.find(signInHours, {
    ...{ where: { at: { gte: since } }, sort: ["at"], direction: "ascending", limit: hours },
  });
  const counted = new Map(rows.map((row) => [row.at, row]));
  return all.map((at) => {
    const { succeeded = 0, failed = 0, refused = 0 } = counted.get(at) ?? {};
    return { at, succeeded, failed, refused };
  });
}

async function projectionsOf({ app, projections }: SignedIn) {
  // The end of the log first: what is appended meanwhile makes nothing look behind.
  const head = await app.events.head();
  return (await projections()).map((one) => ({
    name: one.name,
    behind: behindOf(head, one),
    state: one.state,
    parked: one.parked.length,
  }));
}

export const homeRouter = router({
  /** What somebody wants to know on arriving; what their role may not read is null. */
  overview: procedure("signed-in")
    .input(z.strictObject({ hours: z.int().min(1).max(HOURS_MAX).default(24) }))
    .query(async ({ ctx, input: { hours } }) => {
      const held = permissionsOf(ctx.principal.membership.role);
      const readWith = <T>(permission: Permission, read: (ctx: SignedIn) => Promise<T>) =>
        held.includes(permission) ? read(ctx) : null;
      const [people, signIns, mail, projections] = await Promise.all([
        readWith("people:read", peopleOf),
        readWith("history:read", () => signInsOf(ctx, hours)),
        readWith("mail:read", mailOf),
        readWith("operations:read", projectionsOf),
      ]);
      return { people, signIns, mail, projections };
    }),
});
