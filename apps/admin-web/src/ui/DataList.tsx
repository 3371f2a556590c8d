import { Button, Chip, Group, Menu, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp, IconFilter, IconSearch } from "@tabler/icons-react";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { EmptyState, ErrorState, Lines } from "./States.tsx";
import { type ListState, useListState } from "./use-list-state.ts";

export type Column<R> = {
  label: string;
  render: (row: R) => ReactNode;
  /** The order the server knows by this name; left out where the column cannot be sorted by. */
  sort?: string;
  /** Left out on a narrow screen. */
  wideOnly?: boolean;
};

export type Filter = {
  name: string;
  label: string;
  options: Readonly<Record<string, string>>;
};

type Pages<R> = { pages: { rows: R[]; count?: number }[] };

type Props<R extends { id: string }> = {
  title: string;
  columns: readonly Column<R>[];
  query: UseInfiniteQueryResult<Pages<R>, unknown>;
  filters?: readonly Filter[];
  searchLabel?: string;
  /** The order of a list that was not sorted by anybody. */
  defaultSort?: string;
  actions?: ReactNode;
  empty: ReactNode;
};

/** Past this the server stops counting. */
const COUNT_CAP = 1000;
const PAGE = 50;

const counted = (count: number | undefined): string =>
  count === undefined ? "" : count >= COUNT_CAP ? "1,000+" : String(count);

/** A list of things: searched, filtered and sorted by the address, paged by key. */
export function DataList<R extends { id: string }>(props: Props<R>) {
  const { title, columns, query, filters = [], searchLabel, actions, empty } = props;
  const list = useListState(props.defaultSort);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const last = query.data?.pages.at(-1);
  const { hasNextPage, fetchNextPage } = query;
  // A page of a long search may be empty though more follow: nobody has to ask twice.
  useEffect(() => {
    if (last?.rows.length === 0 && hasNextPage) void fetchNextPage();
  }, [last, hasNextPage, fetchNextPage]);
  const filtered = list.search !== "" || filters.some(({ name }) => list.filter(name));
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="xs" align="baseline">
          <Title order={1}>{title}</Title>
          <Text c="dimmed" aria-live="polite" data-testid="count">
            {counted(query.data?.pages[0]?.count)}
          </Text>
        </Group>
        <Group gap="xs">{actions}</Group>
      </Group>
      <Group gap="xs">
        {searchLabel && <Search label={searchLabel} list={list} />}
        {filters.map((filter) => (
          <FilterMenu key={filter.name} filter={filter} list={list} />
        ))}
        {list.search !== "" && (
          <Text size="sm" c="dimmed">
            Best match first
          </Text>
        )}
      </Group>
      {query.isError && <ErrorState error={query.error} retry={query.refetch} />}
      <div className="list-frame">
        {query.isPending && (
          <div style={{ padding: 16 }}>
            <Lines count={12} height={22} />
          </div>
        )}
        {query.isSuccess && rows.length === 0 && (
          <EmptyState
            title={filtered ? "Nothing matches." : ""}
            action={
              filtered ? (
                <Button variant="default" onClick={list.clear}>
                  Clear search and filters
                </Button>
              ) : (
                empty
              )
            }
          />
        )}
        {rows.length > 0 && <Rows title={title} columns={columns} rows={rows} list={list} />}
      </div>
      {query.hasNextPage && (
        <Button
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
          style={{ alignSelf: "center" }}
        >
          Show {PAGE} more
        </Button>
      )}
    </Stack>
  );
}

function Search({ label, list }: { label: string; list: ListState }) {
  // Typing is followed quickly, but not with a request a key.
  const search = useDebouncedCallback((text: string) => list.set({ q: text || undefined }), 200);
  return (
    <TextInput
      key={list.search === "" ? "empty" : "filled"}
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} />}
      defaultValue={list.search}
      autoFocus={list.search !== ""}
      onChange={(event) => search(event.currentTarget.value)}
      w={{ base: "100%", xs: 280 }}
    />
  );
}

function FilterMenu({ filter, list }: { filter: Filter; list: ListState }) {
  const { name, label, options } = filter;
  const chosen = list.filter(name);
  if (chosen)
    return (
      <Chip checked size="sm" onChange={() => list.set({ [name]: undefined })}>
        {label}: {options[chosen] ?? chosen}
      </Chip>
    );
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" size="sm" leftSection={<IconFilter size={14} />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(options).map(([value, text]) => (
          <Menu.Item key={value} onClick={() => list.set({ [name]: value })}>
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type RowsProps<R> = { title: string; columns: readonly Column<R>[]; rows: R[]; list: ListState };

function Rows<R extends { id: string }>({ title, columns, rows, list }: RowsProps<R>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="list-scroll" aria-label={title} tabIndex={0}>
      <Table highlightOnHover verticalSpacing={7} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <SortableHeader key={column.label} column={column} list={list} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.id}>
              {columns.map(({ label, render, wideOnly }) => (
                <Table.Td key={label} {...(wideOnly && { className: "wide-only" })}>
                  {render(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function SortableHeader<R>({ column, list }: { column: Column<R>; list: ListState }) {
  const { label, sort, wideOnly } = column;
  const hidden = wideOnly && { className: "wide-only" };
  // What is searched is ordered by what matched.
  if (!sort || list.search !== "") return <Table.Th {...hidden}>{label}</Table.Th>;
  const direction = list.sort === sort ? list.direction : undefined;
  const Arrow = direction === "descending" ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={direction ?? "none"} {...hidden}>
      <button type="button" className="sort-button" onClick={() => list.sortBy(sort)}>
        {label}
        {direction && <Arrow size={14} aria-hidden />}
      </button>
    </Table.Th>
  );
}
