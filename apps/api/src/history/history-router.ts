import { notFound } from "@daybook/domain";
import {
  type HistoryRow,
  history,
  historyKinds,
  people,
  type TimelineEntry,
  withChanges,
} from "@daybook/projections";
import { z } from "zod";
import type { SignedIn } from "../context.ts";
import { pageInput, procedure, router } from "../trpc.ts";

/** Changes looked through for what a field was before: further back it shows as set anew. */
const LOOK_BACK = 500;
/** The same for each person where a page may be about as many as it has entries. */
const LOOK_BACK_EACH = 20;
/** What follows from one event: a mail, or the attempts at it. */
const EFFECTS_MAX = 100;

const newestFirst = { sort: ["position"], direction: "descending" } as const;

/**
 * What entries changed, newest first. What a field was before stands in an older one that set it;
 * between the rows no change may be left out that sets what they set.
 */
async function timelineOf(
  { views }: SignedIn,
  rows: readonly HistoryRow[],
  lookBack: number,
): Promise<TimelineEntry[]> {
  const changing = rows.filter(({ changes }) => changes);
  const oldest = new Map(changing.map(({ subject, position }) => [subject, position]));
  const before = await Promise.all(
    [...oldest].map(([subject, position]) => {
      const where = { subject, changes: true, position: { lt: position } };
      return views.find(history, { ...newestFirst, where, limit: lookBack });
    }),
  );
  return withChanges(
    rows,
    before.flatMap((page) => page.rows),
  );
}

/** The names of those who acted and those it was about, as far as they belong to the organization. */
async function namesOf({ views }: SignedIn, entries: readonly TimelineEntry[]) {
  const ids = entries.flatMap(({ actor, subject }) =>
    actor.kind === "user" ? [actor.id, subject] : [subject],
  );
  const found = await Promise.all([...new Set(ids)].map((id) => views.get(people, id)));
  return Object.fromEntries(
    found
      .filter((person) => person !== undefined)
      .map(({ id, firstName, lastName }) => [id, { firstName, lastName }]),
  );
}

const listInput = z.strictObject({
  ...pageInput,
  subject: z.uuidv7().optional(),
  kinds: z.array(z.enum(historyKinds)).min(1).max(historyKinds.length).optional(),
});

export const historyRouter = router({
  /** What happened to one person or in the whole organization, newest first. */
  list: procedure("history:read")
    .input(listInput)
    .query(async ({ ctx, input: { subject, kinds = historyKinds, cursor, limit } }) => {
      const { rows, ...page } = await ctx.views.find(history, {
        ...newestFirst,
        where: { ...(subject && { subject }), kind: { in: kinds } },
        limit,
        ...(cursor && { cursor }),
      });
      // A field is set by entries of one kind: those of other kinds may be left out.
      const entries = await timelineOf(ctx, rows, subject ? LOOK_BACK : LOOK_BACK_EACH);
      return { rows: entries, ...page, names: await namesOf(ctx, entries) };
    }),

  /** One entry, what it followed from, and what followed from it. */
  get: procedure("history:read")
    .input(z.strictObject({ id: z.uuidv7() }))
    .query(async ({ ctx, input: { id } }) => {
      const row = await ctx.views.get(history, id);
      if (!row) throw notFound("history/unknown");
      const [cause, effects] = await Promise.all([
        row.causedBy === undefined ? undefined : ctx.views.get(history, row.causedBy),
        ctx.views.find(history, {
          ...{ where: { causedBy: id }, sort: ["position"], direction: "ascending" },
          limit: EFFECTS_MAX,
        }),
      ]);
      // Each by itself, for between them may lie changes that are none of them.
      const shown = async (one: HistoryRow) =>
        (await timelineOf(ctx, [one], LOOK_BACK))[0] as TimelineEntry;
      const answer = {
        entry: await shown(row),
        cause: cause ? await shown(cause) : null,
        effects: await Promise.all(effects.rows.map(shown)),
      };
      const all = [answer.entry, ...(answer.cause ? [answer.cause] : []), ...answer.effects];
      return { ...answer, names: await namesOf(ctx, all) };
    }),
});
