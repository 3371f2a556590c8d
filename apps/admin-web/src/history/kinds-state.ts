import { type HistoryKind, historyKinds } from "@daybook/projections";
import { useNavigate, useSearch } from "@tanstack/react-router";

/** Which kinds of entries a page shows, as its address says it. */
export function useKinds() {
  const { kinds: given } = useSearch({ strict: false }) as { kinds?: string };
  const navigate = useNavigate();
  const chosen = given?.split(",") ?? [];
  const kinds = historyKinds.filter((kind) => chosen.includes(kind));
  const set = (next: HistoryKind[]) => {
    const search = (before: object) => ({ ...before, kinds: next.join() || undefined });
    navigate({ to: ".", search: search as never, replace: true });
  };
  return [kinds, set] as const;
}
