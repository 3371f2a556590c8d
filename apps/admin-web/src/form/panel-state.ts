import { useNavigate, useSearch } from "@tanstack/react-router";

/**
 * Which panel of a page is open, as its address says it: a link to it opens it, and the way back
 * closes it.
 */
export function usePanel(name: string) {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const go = (panel: string | undefined, replace: boolean) =>
    navigate({
      to: ".",
      search: ((before: Record<string, string>) => ({ ...before, panel })) as never,
      replace,
      ...(panel === undefined && { ignoreBlocker: true }),
    });
  return {
    opened: search.panel === name,
    open: () => go(name, false),
    close: () => go(undefined, true),
  };
}
