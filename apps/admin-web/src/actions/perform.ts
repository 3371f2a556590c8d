import { useState } from "react";
import { queryClient } from "../api/client.ts";
import type { Outcome } from "./declaration.ts";

/** Sent at once: enough to be quick, few enough that the server serves others between. */
const AT_ONCE = 4;

export type Result<R> = { row: R } & (
  | { state: "waiting" | "running" }
  | { state: "done"; outcome: Outcome }
  | { state: "failed"; error: unknown }
);

/**
 * Does something about many rows, a few at once, and tells what has become of each meanwhile. What
 * fails keeps no other from being done.
 */
export function usePerform<R>() {
  const [results, setResults] = useState<readonly Result<R>[]>();

  async function perform(rows: readonly R[], act: (row: R) => Promise<Outcome>) {
    const current: Result<R>[] = rows.map((row) => ({ row, state: "waiting" }));
    const tell = (at: number, result: Result<R>) => {
      current[at] = result;
      setResults([...current]);
    };
    setResults([...current]);
    let next = 0;
    const work = async () => {
      for (let at = next++; at < rows.length; at = next++) {
        const row = rows[at] as R;
        tell(at, { row, state: "running" });
        const result = await act(row).then(
          (outcome) => ({ row, state: "done", outcome }) as const,
          (error: unknown) => ({ row, state: "failed", error }) as const,
        );
        tell(at, result);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await queryClient.invalidateQueries();
    return current;
  }

  return { results, perform };
}
