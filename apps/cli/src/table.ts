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

/** Prints the next rows, on a terminal of so many cells; without them nothing is cut. */
export type Table = (rows: readonly string[][], room: number | undefined) => string;

/**
 * A table that is printed part by part: the first rows settle the width of its columns. The last
 * column takes what is left.
 *
 * @example
 * const table = createTable([{ title: "NAME" }, { title: "AGE", right: true }]);
 * write(table([["Ada", "36"]], process.stdout.columns));
 */
export function createTable(columns: readonly Column[]): Table {
  const titles = columns.map(({ title }) => title);
  const everyColumn = columns.map((_, index) => index);
  const isBelow = (index: number) => columns[index]?.below ?? false;
  let widths: number[] | undefined;

  const widest = (rows: readonly string[][], { title, min = 0 }: Column, index: number) =>
    rows.reduce(
      (most, row) => Math.max(most, width(row[index] ?? "")),
      Math.max(min, width(title)),
    );

  function lines(row: readonly string[], given: readonly number[], room: number | undefined) {
    const sizes = given.map((size, index) =>
      room === undefined ? size : Math.min(size, columns[index]?.max ?? size),
    );
    const last = columns.length - 1;
    const before = sizes.slice(0, last).reduce((sum, size) => sum + size + GAP.length, 0);
    const cell = (index: number) => {
      const text = row[index] ?? "";
      if (index === last) return text;
      const size = sizes[index] ?? 0;
      return pad(room === undefined ? text : cut(text, size), size, columns[index]?.right);
    };
    const join = (indexes: readonly number[]) => indexes.map(cell).join(GAP);
    return room === undefined || room >= before + LAST_MIN
      ? [join(everyColumn)]
      : [
          join(everyColumn.filter((index) => !isBelow(index))),
          GAP + join(everyColumn.filter(isBelow)),
        ];
  }

  return (rows, room) => {
    const first = widths === undefined;
    const settled = widths ?? columns.map((column, index) => widest(rows, column, index));
    widths = settled;
    return (first ? [titles, ...rows] : rows)
      .flatMap((row) => lines(row, settled, room))
      .map((line) => line.trimEnd())
      .map((line) => `${room === undefined ? line : cut(line, room)}\n`)
      .join("");
  };
}
