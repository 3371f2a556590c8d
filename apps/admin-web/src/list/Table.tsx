import { Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type ReactNode, useEffect, useRef } from "react";
import { t } from "../texts/index.ts";
import type { ListDeclaration } from "./declaration.ts";
import { grid } from "./grid.ts";
import { useGridKeys } from "./keys.ts";
import { Line } from "./Line.tsx";
import type { ListState } from "./list-state.ts";
import type { Pages } from "./pages.ts";
import { type NamedColumn, type Preferences, rowHeight } from "./preferences.ts";
import type { Selection } from "./selection.ts";
import { Tick } from "./Tick.tsx";

/** Rows that are drawn beyond the edges of what is seen. */
const OVERSCAN = 12;
/** The height of the headings, which stay above the rows that are scrolled to. */
const HEADINGS = 37;

type Props<R extends { id: string }> = {
  list: ListDeclaration<R>;
  state: ListState;
  pages: Pages<R>;
  preferences: Preferences<R>;
  selection: Selection<R>;
  /** The menu of what can be done about a row; left out where there is nothing. */
  menu?: (row: R, reach: number) => ReactNode;
  onSelectAll: () => void;
};

/**
 * The rows of a list as a grid (https://www.w3.org/WAI/ARIA/apg/patterns/grid/): only those in sight
 * are in the document, and one of them is where the keyboard is.
 */
export function Table<R extends { id: string }>(props: Props<R>) {
  const { list, state, pages, preferences, selection, menu, onSelectAll } = props;
  const { columns, density } = preferences;
  const frame = useRef<HTMLElement>(null);
  const keys = useGridKeys({ list, pages, selection, frame, onSelectAll });
  const height = rowHeight[density];
  const rows = useVirtualizer({
    count: pages.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollPaddingEnd: HEADINGS,
    // Where the keyboard is stays in the document, or the focus would be lost.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), Math.min(keys.active, range.count - 1)])]
        .filter((index) => index >= 0)
        .toSorted((one, other) => one - other),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another density is measured anew.
  useEffect(() => rows.measure(), [height]);
  const { startIndex = 0, endIndex = 0 } = rows.range ?? {};
  useEffect(() => {
    if (!pages.isPlaceholder) pages.look(startIndex, Math.max(startIndex, endIndex));
  });
  const { sort, order, search, filters } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question is read from its start.
  useEffect(() => rows.scrollToOffset(0), [sort, order, search, JSON.stringify(filters)]);
  keys.scrollTo.current = (index) => rows.scrollToIndex(index);

  const items = rows.getVirtualItems();
  return (
    <section
      ref={frame}
      className="list-scroll"
      aria-label={list.title}
      aria-busy={pages.isPending || pages.isPlaceholder}
    >
      <grid.Table
        role="grid"
        aria-rowcount={pages.length + 1}
        aria-multiselectable={menu !== undefined}
        aria-label={list.title}
        className="list-table"
        data-density={density}
        style={templates(columns, menu !== undefined)}
        onKeyDown={keys.onKeyDown}
      >
        <grid.Head role="rowgroup">
          <grid.Row role="row" aria-rowindex={1}>
            {menu && (
              <grid.Heading role="columnheader" className="list-control">
                <Tick
                  aria-label={t.list.selectAll}
                  checked={selection.rows.length > 0 && selection.rows.length >= (pages.count ?? 0)}
                  indeterminate={
                    selection.rows.length > 0 && selection.rows.length < (pages.count ?? 0)
                  }
                  onChange={() => (selection.rows.length > 0 ? selection.clear() : onSelectAll())}
                />
              </grid.Heading>
            )}
            {columns.map((column) => (
              <Heading key={column.name} column={column} state={state} />
            ))}
            {menu && (
              <grid.Heading role="columnheader">
                <span className="read-out">{t.list.actions}</span>
              </grid.Heading>
            )}
          </grid.Row>
        </grid.Head>
        <grid.Body role="rowgroup">
          {items.flatMap((item, at) => {
            const row = pages.at(item.index);
            const gap = item.start - (items[at - 1]?.end ?? 0);
            return [
              gap > 0 && <Gap key={`gap-${item.key}`} height={gap} />,
              row ? (
                <Line
                  key={row.id}
                  {...{ row, list, columns, height, menu }}
                  index={item.index}
                  isActive={item.index === keys.active}
                  isSelected={selection.has(row.id)}
                  isFresh={pages.isFresh(row.id)}
                  onToggle={selection.toggle}
                  onFocus={keys.setActive}
                />
              ) : (
                <tr key={item.key} aria-hidden className="list-coming" style={{ height }}>
                  <td>
                    <Skeleton height={12} width={`${40 + ((item.index * 37) % 50)}%`} />
                  </td>
                </tr>
              ),
            ];
          })}
          <Gap height={rows.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </grid.Body>
      </grid.Table>
    </section>
  );
}

/** The least width of a column that counts as one, in pixels: on a phone the columns are few. */
const WIDTH_MIN = 76;
const NARROW_MIN = 58;

/** How the width is shared out, where there is room for all columns and where there is not. */
function templates<R>(columns: readonly NamedColumn<R>[], withMenu: boolean) {
  const template = (some: readonly NamedColumn<R>[]) => {
    const parts = some.map(({ share }) => `minmax(0, ${share}fr)`);
    return (withMenu ? ["40px", ...parts, "44px"] : parts).join(" ");
  };
  const least = (some: readonly NamedColumn<R>[], width: number) =>
    `${(withMenu ? 84 : 0) + some.reduce((sum, { share }) => sum + share * width, 0)}px`;
  const kept = columns.filter(({ narrow }) => narrow);
  return {
    ...{ "--wide": template(columns), "--wide-least": least(columns, WIDTH_MIN) },
    ...{ "--narrow": template(kept), "--narrow-least": least(kept, NARROW_MIN) },
  } as CSSProperties;
}

/** Stands for the rows that are not drawn. */
const Gap = ({ height }: { height: number }) =>
  height > 0 ? (
    <tr aria-hidden className="list-gap">
      <td style={{ height }} />
    </tr>
  ) : null;

function Heading<R>({ column, state }: { column: NamedColumn<R>; state: ListState }) {
  const { label, sort, narrow } = column;
  const hidden = narrow ? {} : { className: "wide-only" };
  // What was searched for is in the order of what matched.
  if (!sort || state.search !== "")
    return (
      <grid.Heading role="columnheader" {...hidden}>
        {label}
      </grid.Heading>
    );
  const order = state.sort === sort ? state.order : undefined;
  const Arrow = order === "descending" ? IconArrowDown : IconArrowUp;
  return (
    <grid.Heading role="columnheader" aria-sort={order ?? "none"} {...hidden}>
      <button type="button" className="sort-button" onClick={() => state.sortBy(sort)}>
        {label}
        {order && <Arrow size={14} aria-hidden />}
      </button>
    </grid.Heading>
  );
}
