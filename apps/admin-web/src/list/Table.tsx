import { Checkbox, Table as Markup, Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useEffect, useRef } from "react";
import { t } from "../texts/index.ts";
import type { ListDeclaration } from "./declaration.ts";
import { useGridKeys } from "./keys.ts";
import type { ListState } from "./list-state.ts";
import type { Pages } from "./pages.ts";
import { type NamedColumn, type Preferences, rowHeight } from "./preferences.ts";
import type { Selection } from "./selection.ts";

/** Rows that are drawn beyond the edges of what is seen. */
const OVERSCAN = 12;

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
  const spans = columns.length + (menu ? 2 : 1);
  return (
    <section
      ref={frame}
      className="list-scroll"
      aria-label={list.title}
      aria-busy={pages.isPending || pages.isPlaceholder}
    >
      <Markup
        role="grid"
        aria-rowcount={pages.length + 1}
        aria-multiselectable={menu !== undefined}
        aria-label={list.title}
        className="list-table"
        data-density={density}
        onKeyDown={keys.onKeyDown}
      >
        <colgroup>
          {menu && <col style={{ width: 40 }} />}
          {columns.map(({ name, share, narrow }) => (
            <col
              key={name}
              className={narrow ? undefined : "wide-only"}
              style={{ width: `${share * 100}px` }}
            />
          ))}
          {menu && <col style={{ width: 48 }} />}
        </colgroup>
        <Markup.Thead>
          <Markup.Tr aria-rowindex={1}>
            {menu && (
              <Markup.Th>
                <Checkbox
                  size="xs"
                  aria-label={t.list.selectAll}
                  checked={selection.rows.length > 0 && selection.rows.length >= (pages.count ?? 0)}
                  indeterminate={
                    selection.rows.length > 0 && selection.rows.length < (pages.count ?? 0)
                  }
                  onChange={() => (selection.rows.length > 0 ? selection.clear() : onSelectAll())}
                />
              </Markup.Th>
            )}
            {columns.map((column) => (
              <Heading key={column.name} column={column} state={state} />
            ))}
            {menu && <Markup.Th aria-label={t.list.actions} />}
          </Markup.Tr>
        </Markup.Thead>
        <Markup.Tbody>
          {items.map((item, at) => {
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
                <Markup.Tr key={item.key} aria-hidden style={{ height }}>
                  <Markup.Td colSpan={spans}>
                    <Skeleton height={12} width={`${40 + ((item.index * 37) % 50)}%`} />
                  </Markup.Td>
                </Markup.Tr>
              ),
            ];
          })}
          <Gap height={rows.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </Markup.Tbody>
      </Markup>
    </section>
  );
}

/** Stands for the rows that are not drawn. */
const Gap = ({ height }: { height: number }) =>
  height > 0 ? (
    <tr aria-hidden>
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  ) : null;

function Heading<R>({ column, state }: { column: NamedColumn<R>; state: ListState }) {
  const { label, sort, narrow } = column;
  const hidden = narrow ? {} : { className: "wide-only" };
  // What was searched for is in the order of what matched.
  if (!sort || state.search !== "") return <Markup.Th {...hidden}>{label}</Markup.Th>;
  const order = state.sort === sort ? state.order : undefined;
  const Arrow = order === "descending" ? IconArrowDown : IconArrowUp;
  return (
    <Markup.Th aria-sort={order ?? "none"} {...hidden}>
      <button type="button" className="sort-button" onClick={() => state.sortBy(sort)}>
        {label}
        {order && <Arrow size={14} aria-hidden />}
      </button>
    </Markup.Th>
  );
}

type LineProps<R extends { id: string }> = {
  row: R;
  list: ListDeclaration<R>;
  columns: readonly NamedColumn<R>[];
  height: number;
  menu: ((row: R, reach: number) => ReactNode) | undefined;
  index: number;
  isActive: boolean;
  isSelected: boolean;
  isFresh: boolean;
  onToggle: (row: R) => void;
  onFocus: (index: number) => void;
};

const Line = memo(function Line<R extends { id: string }>(props: LineProps<R>) {
  const { row, list, columns, height, menu, index, isActive, isSelected, isFresh } = props;
  const reach = { tabIndex: isActive ? 0 : -1 };
  return (
    <Markup.Tr
      className="list-row"
      aria-rowindex={index + 2}
      {...(menu && { "aria-selected": isSelected })}
      data-index={index}
      data-fresh={isFresh || undefined}
      style={{ height }}
      onFocus={() => props.onFocus(index)}
      {...reach}
    >
      {menu && (
        <Markup.Td>
          <Checkbox
            size="xs"
            aria-label={t.list.select(list.nameOf(row))}
            checked={isSelected}
            onChange={() => props.onToggle(row)}
            {...reach}
          />
        </Markup.Td>
      )}
      {columns.map(({ name, render, narrow }, at) => (
        <Markup.Td key={name} className={narrow ? undefined : "wide-only"}>
          {at === 0 ? (
            <Link {...list.link(row)} preload="intent" className="row-link" {...reach}>
              {render(row)}
            </Link>
          ) : (
            render(row)
          )}
        </Markup.Td>
      ))}
      {menu && <Markup.Td>{menu(row, reach.tabIndex)}</Markup.Td>}
    </Markup.Tr>
  );
}) as <R extends { id: string }>(props: LineProps<R>) => ReactNode;
