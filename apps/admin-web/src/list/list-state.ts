import { useNavigate, useSearch } from "@tanstack/react-router";
import { z } from "zod";
import type { Address } from "../app/feature.ts";
import type { ListDeclaration } from "./declaration.ts";

/** What the address of a list may say: text, and nothing else is passed on. */
export const listSearch = z.record(z.string(), z.coerce.string().optional());

type Order = "ascending" | "descending";

/** What is asked of a list's query, beside the page. */
export type Asked = { search?: string; sort: string; order: Order } & Record<string, unknown>;

export type ListState = {
  asked: Asked;
  search: string;
  filters: Readonly<Record<string, string>>;
  sort: string;
  order: Order;
  set: (changes: Readonly<Record<string, string | undefined>>) => void;
  sortBy: (name: string) => void;
  clear: () => void;
};

const opposite = { ascending: "descending", descending: "ascending" } as const;

type Declared = Pick<ListDeclaration<never>, "filters" | "columns" | "sort">;

/** What an address asks of a list; what the list does not know is passed over. */
export function askedOf(list: Declared, params: Address) {
  const sorts = Object.values(list.columns).map(({ sort }) => sort);
  const named = params.sort?.replace(/^-/, "");
  // Some columns have no sort: nothing asked for is not one of theirs.
  const known = named !== undefined && sorts.includes(named);
  const sort = known ? named : list.sort.by;
  const order = !known
    ? list.sort.order
    : params.sort?.startsWith("-")
      ? "descending"
      : "ascending";
  const search = params.q?.trim() ?? "";
  const filters = Object.fromEntries(
    Object.entries(list.filters).flatMap(([name, { options }]) => {
      const value = params[name];
      return value !== undefined && value in options ? [[name, value]] : [];
    }),
  );
  const asked: Asked = { ...filters, ...(search && { search }), sort, order };
  return { asked, search, filters, sort, order } as const;
}

/**
 * What a list shows, as its address says it, so that any view can be shared: `q` is the search,
 * `sort` an order (with a minus: descending), and a filter stands under its own name.
 */
export function useListState(list: Declared) {
  const params = useSearch({ strict: false }) as Address;
  const navigate = useNavigate();
  const set = (changes: Readonly<Record<string, string | undefined>>) => {
    navigate({ to: ".", search: { ...params, ...changes } as never, replace: true });
  };
  const { search, filters, sort, order, asked } = askedOf(list, params);
  const state: ListState = {
    ...{ asked, search, filters, sort, order, set },
    sortBy: (name) => {
      const next = name === sort ? opposite[order] : "ascending";
      set({ sort: next === "descending" ? `-${name}` : name });
    },
    clear: () =>
      set({
        q: undefined,
        ...Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])),
      }),
  };
  return state;
}
