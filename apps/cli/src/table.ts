import { cut, pad, width } from "./text.ts";

export type Column = {
  title: string;
  /** Cells it has at least, so that rows that come later fit too. */
  min?: number;
  /** Cells it has at most on a terminal. */
  max?: number;
  /** Numbers are aligned right. */
  right?: boolean;
  /** Where the terminal is too narrow for all, it goes to a second line. */
  below?: boolean;
};

const GAP = "  ";
/** With less than this for the last column, a row takes two lines. */
const LAST_MIN = 24;

/**
 * A table that is printed part by part: the first rows settle the width of its columns. The last
 * column takes what is left. Without `room`, where no terminal reads it, nothing is cut.
 *
 * @example
 * const table = createTable([{ title: "NAME" }, { title: "AGE", right: true }]);
 * write(table([["Ada", "36"]], process.stdout.columns));
 */
export function createTable(columns: readonly Column[]) {
  let widths: number[] | undefined;

  const measure = (rows: readonly string[][]) =>
    columns.map(({ title, min = 0 }, at) =>
      rows.reduce((most, row) => Math.max(most, width(row[at] ?? "")), Math.max(min, width(title))),
    );

  const fit = (natural: readonly number[], room: number | undefined) =>
    natural.map((cells, at) =>
      room === undefined ? cells : Math.min(cells, columns[at]?.max ?? cells),
    );

  function line(row: readonly string[], at: readonly number[], fitted: readonly number[]): string {
    return at
      .map((index, place) => {
        const { right = false } = columns[index] as Column;
        const cell = row[index] ?? "";
        return place === at.length - 1 && !right ? cell : pad(cell, fitted[index] as number, right);
      })
      .join(GAP);
  }

  return (rows: readonly string[][], room: number | undefined): string => {
    const first = widths === undefined;
    widths ??= measure(rows);
    const fitted = fit(widths, room);
    const all = columns.map((_, index) => index);
    const before = fitted.slice(0, -1).reduce((sum, cells) => sum + cells + GAP.length, 0);
    const narrow = room !== undefined && room < before + LAST_MIN;
    const above = narrow ? all.filter((index) => !columns[index]?.below) : all;
    const below = narrow ? all.filter((index) => columns[index]?.below) : [];

    const titles = columns.map(({ title }) => title);
    const shown = (first ? [titles, ...rows] : rows).map((row) =>
      room === undefined
        ? row
        : row.map((cell, at) => (at === row.length - 1 ? cell : cut(cell, fitted[at] as number))),
    );
    return shown
      .flatMap((row) => [
        line(row, above, fitted),
        ...(below.length > 0 ? [GAP + line(row, below, fitted)] : []),
      ])
      .map((text) => `${room === undefined ? text.trimEnd() : cut(text.trimEnd(), room)}\n`)
      .join("");
  };
}
