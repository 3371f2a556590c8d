import { type HistoryKind, historyKinds } from "@daybook/projections";
import { useAddress } from "../app/address.ts";

/** Which kinds of entries a page shows, as its address says it. */
export function useKinds() {
  const [address, change] = useAddress();
  const chosen = address.kinds?.split(",") ?? [];
  const kinds = historyKinds.filter((kind) => chosen.includes(kind));
  const set = (next: HistoryKind[]) => change({ kinds: next.join() || undefined });
  return [kinds, set] as const;
}
