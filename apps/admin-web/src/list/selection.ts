import { useCallback, useState } from "react";
import { tell } from "../actions/undo.tsx";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import type { ListDeclaration } from "./declaration.ts";
import type { Asked } from "./list-state.ts";

export type Selection<R> = {
  rows: readonly R[];
  has: (id: string) => boolean;
  toggle: (row: R) => void;
  add: (rows: readonly R[]) => void;
  clear: () => void;
};

/** The rows that were chosen to do something about; they stay chosen when they scroll out of sight. */
export function useSelection<R extends { id: string }>(): Selection<R> {
  const [chosen, setChosen] = useState<ReadonlyMap<string, R>>(new Map());
  const toggle = useCallback(
    (row: R) =>
      setChosen((before) => {
        const next = new Map(before);
        if (!next.delete(row.id)) next.set(row.id, row);
        return next;
      }),
    [],
  );
  return {
    rows: [...chosen.values()],
    has: (id) => chosen.has(id),
    toggle,
    add: (rows) =>
      setChosen((before) => new Map([...before, ...rows.map((row) => [row.id, row] as const)])),
    clear: () => setChosen(new Map()),
  };
}

/** What is done about more than these is done in turns. */
const ALL_MAX = 1000;
const AT_ONCE = 200;

/** Chooses every row that is asked for, also those that nobody has scrolled to. */
export function useSelectAll<R extends { id: string }>(
  list: Pick<ListDeclaration<R>, "read">,
  asked: Asked,
  selection: Selection<R>,
) {
  return async () => {
    const rows: R[] = [];
    let cursor: string | undefined;
    try {
      do {
        const page = { ...asked, limit: AT_ONCE, ...(cursor && { cursor }) };
        const found = await list.read(page);
        rows.push(...found.rows);
        cursor = found.cursor;
      } while (cursor && rows.length < ALL_MAX);
    } catch (error) {
      return tell(sentence(error));
    }
    selection.add(rows.slice(0, ALL_MAX));
    if (cursor) tell(t.list.firstOnly(ALL_MAX));
  };
}
