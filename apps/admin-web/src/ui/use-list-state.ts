import { useNavigate, useSearch } from "@tanstack/react-router";

export type ListState = {
  search: string;
  filter: (name: string) => string | undefined;
  sort: string | undefined;
  direction: "ascending" | "descending";
  set: (changes: Record<string, string | undefined>) => void;
  sortBy: (name: string) => void;
  clear: () => void;
};

/**
 * What a list shows, as its address says it, so that any view can be shared: `q` is the search,
 * `sort` an order (with a minus: the other way round), everything else a filter.
 */
export function useListState(defaultSort?: string): ListState {
  const params = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const set = (changes: Record<string, string | undefined>) =>
    navigate({ to: ".", search: { ...params, ...changes } as never, replace: true });
  const sort = params.sort?.replace(/^-/, "") ?? defaultSort;
  const direction = params.sort?.startsWith("-") ? "descending" : "ascending";
  return {
    search: params.q ?? "",
    filter: (name) => params[name],
    sort,
    direction,
    set,
    sortBy: (name) => set({ sort: sort === name && direction === "ascending" ? `-${name}` : name }),
    clear: () => navigate({ to: ".", search: {} as never, replace: true }),
  };
}
