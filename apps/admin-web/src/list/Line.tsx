import { Box, Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import { t } from "../texts/index.ts";
import type { ListDeclaration } from "./declaration.ts";
import type { NamedColumn } from "./preferences.ts";

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

/** A row of a list: drawn again only when it is another than before. */
export const Line = memo(function Line<R extends { id: string }>(props: Props<R>) {
  const { row, list, columns, height, menu, index, isActive, isSelected, isFresh } = props;
  const reach = { tabIndex: isActive ? 0 : -1 };
  return (
    <Box
      component="tr"
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
        <Box component="td" role="gridcell" className="list-control">
          <Checkbox
            size="xs"
            aria-label={t.list.select(list.nameOf(row))}
            checked={isSelected}
            onChange={() => props.onToggle(row)}
            {...reach}
          />
        </Box>
      )}
      {columns.map(({ name, render, narrow }, at) => (
        <Box component="td" role="gridcell" key={name} className={narrow ? undefined : "wide-only"}>
          {at === 0 ? (
            <Link {...list.link(row)} preload="intent" className="row-link" {...reach}>
              {render(row)}
            </Link>
          ) : (
            render(row)
          )}
        </Box>
      ))}
      {menu && (
        <Box component="td" role="gridcell" className="list-control">
          {menu(row, reach.tabIndex)}
        </Box>
      )}
    </Box>
  );
}) as <R extends { id: string }>(props: Props<R>) => ReactNode;
