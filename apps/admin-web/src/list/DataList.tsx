import "./list.css";
import { Button } from "@mantine/core";
import { type ReactNode, useCallback } from "react";
import { ActionMenu } from "../actions/ActionMenu.tsx";
import { counted } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { EmptyState, ErrorState } from "../ui/States.tsx";
import type { ListDeclaration } from "./declaration.ts";
import { useListState } from "./list-state.ts";
import { usePages } from "./pages.ts";
import { usePreferences } from "./preferences.ts";
import { SelectionBar } from "./SelectionBar.tsx";
import { useSelectAll, useSelection } from "./selection.ts";
import { Table } from "./Table.tsx";
import { Toolbar } from "./Toolbar.tsx";

type Props<R extends { id: string }> = {
  list: ListDeclaration<R>;
  /** What can be done about the list as a whole. */
  children?: ReactNode;
};

/** A list as a page: all that it can do follows from its declaration. */
export function DataList<R extends { id: string }>({ list, children }: Props<R>) {
  const state = useListState(list);
  const pages = usePages(list, state.asked);
  const preferences = usePreferences(list);
  const selection = useSelection<R>();
  const selectAll = useSelectAll(list, state.asked, selection);
  const { actions, nameOf, counted: countedRows } = list;
  const isFiltered = state.search !== "" || Object.keys(state.filters).length > 0;
  // By the count: of an answer that has just come, the rows are not counted yet.
  const isEmpty = pages.count === 0 && !pages.isPlaceholder && !pages.error;
  const menu = useCallback(
    (row: R, reach: number) => (
      <ActionMenu rows={[row]} {...{ actions, nameOf, reach }} counted={countedRows} />
    ),
    [actions, nameOf, countedRows],
  );
  return (
    <div className="list-page">
      <PageHeader title={list.title} note={counted(pages.count)} noteLabel={t.list.count}>
        {children}
      </PageHeader>
      <Toolbar list={list} state={state} preferences={preferences} count={pages.count} />
      {pages.error !== undefined && pages.error !== null && (
        <ErrorState error={pages.error} retry={pages.retry} />
      )}
      {isEmpty ? (
        <div className="list-frame">
          <EmptyState
            title={isFiltered ? t.list.noMatch : list.empty}
            action={
              isFiltered ? (
                <Button variant="default" onClick={state.clear}>
                  {t.list.clear}
                </Button>
              ) : (
                children
              )
            }
          />
        </div>
      ) : (
        <Table
          {...{ list, state, pages, preferences, selection }}
          {...(list.actions.length > 0 && { menu })}
          onSelectAll={selectAll}
        />
      )}
      {selection.rows.length > 0 && <SelectionBar list={list} selection={selection} />}
    </div>
  );
}
