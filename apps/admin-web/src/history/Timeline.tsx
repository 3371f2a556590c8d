import { type HistoryKind, historyKinds } from "@daybook/projections";
import { Button, Chip, Group, Stack, Text } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { trpc } from "../api/client.ts";
import { FRESH_MS } from "../list/pages.ts";
import { day } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import { EmptyState, ErrorState, Lines } from "../ui/States.tsx";
import { Entry } from "./Entry.tsx";

type Props = {
  /** Whose history; of everybody, where it is left out. */
  subject?: string;
  /** Which kinds are shown; all, where none is chosen. */
  kinds: readonly HistoryKind[];
  onKinds: (kinds: HistoryKind[]) => void;
};

/** What happened, newest first and live: who did what, from where, when and why. */
export function Timeline({ subject, kinds, onKinds }: Props) {
  const query = useInfiniteQuery(
    trpc.history.list.infiniteQueryOptions(
      { ...(subject && { subject }), ...(kinds.length > 0 && { kinds: [...kinds] }) },
      { getNextPageParam: ({ cursor }) => cursor, placeholderData: keepPreviousData },
    ),
  );
  const pages = query.data?.pages ?? [];
  const entries = pages.flatMap(({ rows, names }) => rows.map((entry) => ({ entry, names })));
  const isFresh = useNewest(entries[0]?.entry.position, !query.isPlaceholderData);
  let last = "";
  return (
    <Stack gap="md">
      <Chip.Group
        multiple
        value={[...kinds]}
        onChange={(chosen) => onKinds(chosen as HistoryKind[])}
      >
        <Group gap={6} role="group" aria-label={t.history.filter}>
          {historyKinds.map((kind) => (
            <Chip key={kind} value={kind} size="xs">
              {t.history.kinds[kind]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {query.isPending && <Lines count={8} height={36} />}
      {query.isError && <ErrorState error={query.error} retry={query.refetch} />}
      {query.isSuccess && entries.length === 0 && (
        <EmptyState title={kinds.length > 0 ? t.history.noneOfKind : t.history.none} />
      )}
      <ol className="timeline" aria-busy={query.isPlaceholderData}>
        {entries.flatMap(({ entry, names }) => {
          const date = day.format(new Date(entry.at));
          const isNewDay = date !== last;
          last = date;
          return [
            isNewDay && (
              <li key={date} className="timeline-day">
                {date}
              </li>
            ),
            <Entry
              key={entry.id}
              {...{ entry, names }}
              about={subject === undefined}
              isFresh={isFresh(entry.position)}
            />,
          ];
        })}
      </ol>
      {query.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
          style={{ alignSelf: "start" }}
        >
          {t.history.older}
        </Button>
      )}
      {query.isSuccess && !query.hasNextPage && entries.length > 0 && (
        <Text size="xs" c="dimmed">
          {t.history.complete}
        </Text>
      )}
    </Stack>
  );
}

/** Which entries came while they were looked at: those beyond what was the newest a moment ago. */
function useNewest(newest: number | undefined, isCurrent: boolean) {
  const seen = useRef<number>(undefined);
  const [before, setBefore] = useState<number>();
  useEffect(() => {
    if (newest === undefined || !isCurrent) return;
    const known = seen.current;
    seen.current = newest;
    if (known === undefined || newest <= known) return;
    setBefore(known);
    const timer = setTimeout(() => setBefore(undefined), FRESH_MS);
    return () => clearTimeout(timer);
  }, [newest, isCurrent]);
  return (position: number) => before !== undefined && position > before;
}
