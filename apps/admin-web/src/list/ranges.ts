/**
 * A list as a row of ranges, each between two cursors: what lies in one does not move to another when
 * rows are added or deleted around it.
 */

/** Where a range begins, and how many rows it had when it was last read, if it was. */
export type Mark = { cursor: string | undefined; rows?: number };

/** What a range was answered with: `until` is where it ended when it was asked for. */
export type Answer<R> = {
  rows: R[];
  cursor?: string | undefined;
  until?: string | undefined;
  count: number;
};

export const begin: readonly Mark[] = [{ cursor: undefined }];

/**
 * The marks after an answer to the range that begins at `start`: the next begins where it ended. By
 * then others may have been answered, and have moved it: where it begins says which one it is.
 */
export function learned<R>(
  marks: readonly Mark[],
  start: string | undefined,
  { rows, cursor, until }: Omit<Answer<R>, "count">,
): readonly Mark[] {
  const index = marks.findIndex((one) => one.cursor === start);
  const mark = marks[index];
  const end = marks[index + 1]?.cursor;
  // It was asked for when the range ended elsewhere: where the next begins cannot be told from it.
  const isOutdated = end !== undefined && until !== end && cursor !== end;
  if (!mark || isOutdated) return marks;
  const isSplit = cursor !== undefined && cursor !== end;
  if (mark.rows === rows.length && !isSplit) return marks;
  const next = marks.with(index, { ...mark, rows: rows.length });
  return isSplit ? next.toSpliced(index + 1, 0, { cursor }) : next;
}

/** Which page holds the row at an index, and where. */
export function placeOf(marks: readonly Mark[], index: number): [page: number, offset: number] {
  let before = 0;
  for (const [page, { rows = 0 }] of marks.entries()) {
    if (index < before + rows) return [page, index - before];
    before += rows;
  }
  return [marks.length - 1, index - before];
}
