import type { QueryKey } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Action } from "../actions/declaration.ts";

/** A page of a list, as its query answers it. */
type Page<R> = { rows: R[]; cursor?: string | undefined; count: number };

export type Read<I, R> = (input: I, options?: { signal: AbortSignal }) => Promise<Page<R>>;

export type Column<R, S> = {
  label: string;
  render: (row: R) => ReactNode;
  /** The order the query knows by this name; left out where the column cannot be sorted by. */
  sort?: S;
  /** How wide it is beside the others: 1 is about as wide as a name. */
  share: number;
  /** Kept where there is room for two or three only. */
  narrow?: true;
  /** Shown only when it is chosen. */
  hidden?: true;
};

export type Filter<V extends string = string> = {
  label: string;
  /** Every value there is, with the word for it. */
  options: Readonly<Record<V, string>>;
};

/** Everything that a list of a feature says for itself; the rest is the same for all. */
export type ListDeclaration<R extends { id: string }, I = object> = {
  /** Under which a browser keeps the columns that were chosen. */
  name: string;
  queryKey: QueryKey;
  read: Read<I, R>;
  title: string;
  /** What its search looks at; left out where it has none. */
  searchLabel?: string;
  columns: Readonly<Record<string, Column<R, string>>>;
  filters: Readonly<Record<string, Filter>>;
  /** The order of a list that was not sorted by anybody. */
  sort: { by: string; order: "ascending" | "descending" };
  /** What a row is called, and so many of them. */
  nameOf: (row: R) => string;
  counted: (count: number) => string;
  /** Where a row leads. */
  link: (row: R) => LinkProps;
  actions: readonly Action<R>[];
  /** What stands where there is nothing yet. */
  empty: string;
  /** Where all of it can be had as a file. */
  file?: string;
};

/** As much of a list as has to be known to read it, whatever its rows. */
export type ReadList = Pick<ListDeclaration<never>, "queryKey" | "filters" | "sort"> & {
  read: Read<object, unknown>;
  columns: Readonly<Record<string, { sort?: string }>>;
};

type SortOf<I> = I extends { sort?: infer S } ? NonNullable<S> & string : never;

type Source<I, R extends { id: string }> = { queryKey: QueryKey; read: Read<I, R> };

type FilterName<I> = Exclude<
  keyof I & string,
  "cursor" | "until" | "limit" | "search" | "sort" | "order" | "direction"
>;

/**
 * A list over a query: columns, sorts and filters are those that the query knows, or it does not
 * compile.
 *
 * @example
 * const source = { queryKey: trpc.people.list.pathKey(), read: client.people.list.query };
 * export const peopleList = defineList(source)({ name: "people", ... });
 */
export const defineList =
  <I extends object, R extends { id: string }>(source: Source<I, R>) =>
  (
    list: Omit<ListDeclaration<R>, "queryKey" | "read" | "columns" | "filters" | "sort"> & {
      columns: Readonly<Record<string, Column<R, SortOf<I>>>>;
      filters: { [K in FilterName<I>]-?: Filter<NonNullable<I[K]> & string> };
      sort: { by: SortOf<I>; order: "ascending" | "descending" };
    },
  ): ListDeclaration<R> =>
    ({ ...source, ...list }) as unknown as ListDeclaration<R>;
