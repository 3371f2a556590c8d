import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import { t } from "../texts/index.ts";
import type { ListDeclaration } from "./declaration.ts";
import { grid } from "./grid.ts";
import type { NamedColumn } from "./preferences.ts";
import { Tick } from "./Tick.tsx";

type Props<R extends { id: string }> = {
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

/**
 * A row of a list: drawn again only when it is another than before, and of the browser's own parts,
 * since whoever scrolls quickly meets hundreds of them a second.
 */
export const Line = memo(function Line<R extends { id: string }>(props: Props<R>) {
  const { row, list, columns, height, menu, index, isActive, isSelected, isFresh } = props;
  const reach = { tabIndex: isActive ? 0 : -1 };
  return (
    <grid.Row
      role="row"
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
        <grid.Cell role="gridcell" className="list-control">
          <Tick
            aria-label={t.list.select(list.nameOf(row))}
            checked={isSelected}
            onChange={() => props.onToggle(row)}
            {...reach}
          />
        </grid.Cell>
      )}
      {columns.map(({ name, render, narrow }, at) => (
        <grid.Cell role="gridcell" key={name} className={narrow ? undefined : "wide-only"}>
          {at === 0 ? (
            <Link {...list.link(row)} preload="intent" className="row-link" {...reach}>
              {render(row)}
            </Link>
          ) : (
            render(row)
          )}
        </grid.Cell>
      ))}
      {menu && (
        <grid.Cell role="gridcell" className="list-control">
          {menu(row, reach.tabIndex)}
        </grid.Cell>
      )}
    </grid.Row>
  );
}) as <R extends { id: string }>(props: Props<R>) => ReactNode;
