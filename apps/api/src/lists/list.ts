import { type Reader, search } from "@daybook/application";
import type { Permission } from "@daybook/domain";
import type { Condition, Page, Projection, Row } from "@daybook/projections";
import { z } from "zod";
import { pageInput, procedure } from "../trpc.ts";

type Filters = Readonly<Record<string, z.ZodEnum>>;
type Sorts<R> = Readonly<Record<string, keyof R & string>>;

/** A list over a read model, as a page shows it and a file holds it. */
export type List<R extends Row, F extends Filters, S extends Sorts<R>> = {
  /** What files of it are called. */
  name: string;
  projection: Projection<R>;
  permission: Permission;
  /** What it is filtered by, in the order of the indexes. */
  filters: F;
  /**
   * The filters that every index begins with: one that is left open is merged from its few values.
   * Of the others each has indexes of its own.
   */
  merged: readonly (keyof F & string)[];
  /** The fields it is sorted by, under the names that clients use; the first is the default. */
  sorts: S;
  order: "ascending" | "descending";
  /** What a search looks at: the beginnings of these fields, each with an index behind the filters. */
  searched: readonly (keyof R & string)[];
  /** What a file holds, under the headings of its columns. */
  columns: Readonly<Record<string, (row: R) => unknown>>;
};

/** Any list, to whom only its rows are of no concern. */
// biome-ignore lint/suspicious/noExplicitAny: each list knows its own rows, and nobody else looks.
export type AnyList = List<any, Filters, Readonly<Record<string, string>>>;

/** Lets the compiler see that filters, sorts and columns are of the read model's rows. */
export const defineList =
  <R extends Row>() =>
  <F extends Filters, S extends Sorts<R>>(list: List<R, F, S>): List<R, F, S> =>
    list;

/** What a client asked for, with what it left to us. */
export type Asked<F extends Filters = Filters, S = Readonly<Record<string, string>>> = {
  cursor?: string | undefined;
  until?: string | undefined;
  limit: number;
  search?: string | undefined;
  sort: keyof S & string;
  order: "ascending" | "descending";
} & { [K in keyof F]?: z.output<F[K]> | undefined };

/** What a client may ask of a list. */
export function listInput<R extends Row, F extends Filters, S extends Sorts<R>>({
  filters,
  sorts,
  order,
}: List<R, F, S>) {
  const names = Object.keys(sorts) as [string, ...string[]];
  const optional = Object.entries(filters).map(([name, values]) => [name, values.optional()]);
  const schema = z.strictObject({
    ...pageInput,
    /** The cursor at which the page ends: what lies between two cursors stays one page. */
    until: pageInput.cursor,
    /**
     * What one of the searched fields starts with. What is found is ordered by what matched: `sort`
     * and `order` are for the list that is not searched.
     */
    search: z.string().trim().toLowerCase().normalize("NFC").max(100).optional(),
    sort: z.enum(names).default(names[0]),
    order: z.enum(["ascending", "descending"]).default(order),
    ...Object.fromEntries(optional),
  });
  return schema as unknown as z.ZodType<Asked<F, S>, Partial<Asked<F, S>>>;
}

/** What is asked for, as the indexes know it. */
const whereOf = ({ filters, merged }: AnyList, asked: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(filters).flatMap(([name, { options }]): [string, Condition][] => {
      const value = asked[name] as string | undefined;
      if (value !== undefined) return [[name, value]];
      return merged.includes(name) ? [[name, { in: options as string[] }]] : [];
    }),
  );

/** One page of what was asked for. */
export function findPage<R extends Row, F extends Filters, S extends Sorts<R>>(
  views: Reader,
  list: List<R, F, S>,
  asked: Asked<F, S>,
): Promise<Page<R>> {
  const { search: prefix, sort, order: direction, cursor, until, limit } = asked;
  const page = {
    ...{ where: whereOf(list, asked), limit },
    ...(cursor && { cursor }),
    ...(until && { until }),
  };
  if (prefix) return search(views, list.projection, { ...page, fields: list.searched, prefix });
  return views.find(list.projection, { ...page, sort: [list.sorts[sort] as string], direction });
}

/** What each page was answered with. */
const answers = new WeakMap<object, { readonly count: number }>();

/** A page with how many rows there are: read again as the same page, it is the same answer. */
function answerOf<R>(page: Page<R>, count: number): Readonly<Page<R> & { count: number }> {
  const known = answers.get(page) as Readonly<Page<R> & { count: number }> | undefined;
  if (known?.count === count) return known;
  const answer = Object.freeze({ ...page, count });
  answers.set(page, answer);
  return answer;
}

/** A query for a page of a list, with how many rows there are. */
export const listProcedure = <R extends Row, F extends Filters, S extends Sorts<R>>(
  list: List<R, F, S>,
) =>
  procedure(list.permission)
    .input(listInput(list))
    .query(async ({ ctx: { views }, input }) => {
      const asked = input as Asked<F, S>;
      const { search: prefix } = asked;
      const [found, count] = await Promise.all([
        findPage(views, list, asked),
        views.count(list.projection, {
          where: whereOf(list, asked),
          ...(prefix && { anyOf: list.searched.map((field) => ({ [field]: { prefix } })) }),
        }),
      ]);
      return answerOf(found, count);
    });
