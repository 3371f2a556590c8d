import { type Address, useAddress } from "../app/address.ts";
import type { ReadList } from "./declaration.ts";

type Order = "ascending" | "descending";

/** What is asked of a list's query, beside the page. */
export type Asked = { search?: string; sort: string; order: Order } & Record<string, unknown>;

export type ListState = {
  asked: Asked;
  search: string;
  filters: Readonly<Record<string, string>>;
  sort: string;
  order: Order;
  set: (changes: Address) => void;
  sortBy: (name: string) => void;
  clear: () => void;
};

const opposite = { ascending: "descending", descending: "ascending" } as const;

type Declared = Pick<ReadList, "filters" | "columns" | "sort">;

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
  const [address, set] = useAddress();
  const { search, filters, sort, order, asked } = askedOf(list, address);
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
