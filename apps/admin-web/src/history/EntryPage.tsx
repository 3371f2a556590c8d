import type { TimelineEntry } from "@daybook/projections";
import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { trpc } from "../api/client.ts";
import { exact } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { Entry } from "./Entry.tsx";

const crumbs = [{ label: t.history.title, link: { to: "/history" } }];

/** One thing that happened, what caused it, and what it caused. */
export function EntryPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(trpc.history.get.queryOptions({ id }));
  if (!query.data)
    return (
      <Stack gap="md">
        <PageHeader title={t.history.one} crumbs={crumbs} />
        {query.isError ? (
          <ErrorState error={query.error} retry={query.refetch} />
        ) : (
          <Lines count={6} />
        )}
      </Stack>
    );
  const { entry, cause, effects, names } = query.data;
  const parts: readonly { title: string; entries: TimelineEntry[]; isPage?: true }[] = [
    { title: t.history.cause, entries: cause ? [cause] : [] },
    { title: t.history.this, entries: [entry], isPage: true },
    { title: t.history.effects, entries: effects },
  ];
  return (
    <Stack gap="lg" maw={820}>
      <PageHeader title={exact.format(new Date(entry.at))} crumbs={crumbs} />
      {parts
        .filter(({ entries }) => entries.length > 0)
        .map(({ title, entries, isPage }) => (
          <section key={title} aria-label={title}>
            <Title order={2} mb="sm">
              {title}
            </Title>
            <ol className="timeline">
              {entries.map((one) => (
                <Entry key={one.id} entry={one} names={names} about isPage={isPage === true} />
              ))}
            </ol>
          </section>
        ))}
      {!cause && effects.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.history.alone}
        </Text>
      )}
    </Stack>
  );
}
