import { hashKey, keepPreviousData, useQueries } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { queryClient } from "../api/client.ts";
import type { Address } from "../app/address.ts";
import type { ListDeclaration, ReadList } from "./declaration.ts";
import { type Asked, askedOf } from "./list-state.ts";
import { type Answer, begin, learned, placeOf } from "./ranges.ts";

/** Asked for at first: more than a screen holds. */
const FIRST = 50;
/** Asked for afterwards, by who scrolls: what the server gives at most. */
const NEXT = 200;
/** How many rows ahead of those in sight are read for who scrolls. */
const AHEAD = 100;
/** Pages out of sight are forgotten after this, and read again when they come back. */
const FORGET_MS = 60_000;
/** How long a row that changed stands out. */
export const FRESH_MS = 2000;

export type Pages<R> = {
  /** How many rows there are to scroll over: those that are known, and those about to be. */
  length: number;
  /** The row at a place; undefined while it is read. */
  at: (index: number) => R | undefined;
  /** Up to 1,000; undefined until the first page is here. */
  count: number | undefined;
  /** Says which rows are in sight: their pages are read, and kept up. */
  look: (first: number, last: number) => void;
  isPending: boolean;
  /** What is shown is of another question, whose answer is on its way. */
  isPlaceholder: boolean;
  error: unknown;
  retry: () => void;
  isFresh: (id: string) => boolean;
};

/** Reads the first page of what an address asks for, before the page is there that shows it. */
export function prefetchList(list: ReadList, address: Address) {
  const { asked } = askedOf(list, address);
  return queryClient.prefetchQuery({
    queryKey: [...list.queryKey, asked, ""],
    queryFn: ({ signal }) => list.read({ ...asked, limit: FIRST }, { signal }),
  });
}

/**
 * The rows of a list, however long it is: pages are read when they come in sight, each is a query of
 * its own that lies between two cursors, so that one changes without the others, and only what is
 * in sight is kept up.
 */
export function usePages<R extends { id: string }>(
  list: Pick<ListDeclaration<R>, "queryKey" | "read">,
  asked: Asked,
): Pages<R> {
  const question = hashKey([asked]);
  const [state, setState] = useState({ question, marks: begin, seen: [0] });
  const current = state.question === question ? state : { question, marks: begin, seen: [0] };
  if (current !== state) setState(current);
  const { marks, seen } = current;

  const queryKeyOf = (page: number) => [...list.queryKey, asked, marks[page]?.cursor ?? ""];
  const queries = useQueries({
    queries: seen.map((page) => ({
      queryKey: queryKeyOf(page),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const { cursor } = marks[page] ?? {};
        const until = marks[page + 1]?.cursor;
        const limit = until || page > 0 ? NEXT : FIRST;
        const range = { ...(cursor && { cursor }), ...(until && { until }) };
        return { ...(await list.read({ ...asked, limit, ...range }, { signal })), until };
      },
      gcTime: FORGET_MS,
      ...(page === 0 && { placeholderData: keepPreviousData<Answer<R>> }),
    })),
  });

  const [first] = queries;
  const isPlaceholder = first?.isPlaceholderData ?? false;
  useEffect(() => {
    if (isPlaceholder) return;
    setState((before) => {
      if (before.question !== question) return before;
      let next = before.marks;
      for (const [at, { data }] of queries.entries())
        if (data) next = learned(next, marks[seen[at] as number]?.cursor, data);
      return next === before.marks ? before : { ...before, marks: next };
    });
  });
  const answers = queries.map(({ data }, at) => ({
    key: hashKey(queryKeyOf(seen[at] as number)),
    data,
  }));
  const isFresh = useFresh(isPlaceholder ? [] : answers);

  const shown = isPlaceholder
    ? [{ cursor: undefined, rows: first?.data?.rows.length ?? 0 }]
    : marks;
  const known = shown.reduce((sum, { rows = 0 }) => sum + rows, 0);
  const isMore = shown.length > 1 && shown.at(-1)?.rows === undefined;
  const failed = queries.find(({ isError }) => isError);
  return {
    length: known + (isMore ? FIRST : 0),
    at: (index) => {
      const [page, offset] = placeOf(shown, index);
      const at = seen.indexOf(page);
      return at < 0 ? undefined : queries[at]?.data?.rows[offset];
    },
    count: first?.data?.count,
    look: (from, to) => {
      const [start] = placeOf(marks, from);
      const [end] = placeOf(marks, from > 0 ? to + AHEAD : to);
      // The first one is always kept: it has the count.
      const pages = Array.from({ length: end - start + 1 }, (_, at) => start + at);
      const next = [...new Set([0, ...pages])];
      if (next.join() !== seen.join()) setState((before) => ({ ...before, seen: next }));
    },
    isPending: first?.isPending ?? true,
    isPlaceholder,
    error: failed?.error,
    retry: () => queryClient.invalidateQueries({ queryKey: list.queryKey }),
    isFresh,
  };
}

/**
 * Which rows were changed or added while they were looked at. Answers that say the same keep their
 * objects, so that a row that is another object says something else.
 */
function useFresh<R extends { id: string }>(
  pages: readonly { key: string; data: Answer<R> | undefined }[],
) {
  const before = useRef(new Map<string, readonly R[]>());
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const changed: string[] = [];
    for (const key of before.current.keys())
      if (!pages.some((page) => page.key === key)) before.current.delete(key);
    for (const { key, data } of pages) {
      const old = before.current.get(key);
      if (!data || old === data.rows) continue;
      before.current.set(key, data.rows);
      if (!old) continue;
      const known = new Map(old.map((row) => [row.id, row]));
      for (const row of data.rows) if (known.get(row.id) !== row) changed.push(row.id);
    }
    if (changed.length === 0) return;
    setFresh((now) => new Set([...now, ...changed]));
    setTimeout(
      () => setFresh((now) => new Set([...now].filter((id) => !changed.includes(id)))),
      FRESH_MS,
    );
  });
  return (id: string) => fresh.has(id);
}
