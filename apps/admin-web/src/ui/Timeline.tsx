import type { Actor } from "@daybook/domain";
import type { TimelineEntry } from "@daybook/projections";
import { Button, Group, Text, Title } from "@mantine/core";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { eventTexts, fieldLabels } from "../texts.ts";
import { Moment } from "./Moment.tsx";
import { EmptyState, ErrorState, Lines } from "./States.tsx";
import { shown, Value } from "./Value.tsx";

type Props = {
  query: UseInfiniteQueryResult<{ pages: { rows: TimelineEntry[] }[] }, unknown>;
  /** The name of who acted. */
  nameOf: (actor: Actor) => string;
};

const dots: Readonly<Record<string, string>> = {
  SignInFailed: "var(--mantine-color-orange-6)",
  SignInRefused: "var(--mantine-color-red-6)",
  MemberDeactivated: "var(--mantine-color-red-6)",
  MemberReactivated: "var(--mantine-color-green-6)",
  UserCreated: "var(--mantine-color-green-6)",
};

/** What happened to a thing, newest first: who did what, from where, when and why. */
export function Timeline({ query, nameOf }: Props) {
  const entries = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <section aria-labelledby="history">
      <Title order={2} mb="md" id="history">
        History
      </Title>
      {query.isPending && <Lines count={6} height={40} />}
      {query.isError && <ErrorState error={query.error} retry={query.refetch} />}
      {query.isSuccess && entries.length === 0 && <EmptyState title="Nothing has happened yet." />}
      <ol className="timeline">
        {entries.map((entry) => (
          <TimelineItem key={entry.id} entry={entry} name={nameOf(entry.actor)} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </section>
  );
}

function TimelineItem({ entry, name }: { entry: TimelineEntry; name: string }) {
  const { type, at, ip, userAgent, reason, changes } = entry;
  const dot = dots[type];
  return (
    <li {...(dot && { style: { "--dot": dot } as React.CSSProperties })} data-event={type}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
        <Text size="sm">
          <Text span inherit fw={600}>
            {name}
          </Text>{" "}
          {eventTexts[type] ?? type}
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          <Moment at={at} />
        </Text>
      </Group>
      {changes.length > 0 && (
        <Text size="sm" component="div" mt={4}>
          {changes.map(({ field, from, to }) => (
            <div key={field}>
              <Text span c="dimmed" size="sm">
                {fieldLabels[field] ?? field}:{" "}
              </Text>
              {from !== undefined && (
                <>
                  <span className="change-from">
                    <Value of={from} />
                  </span>
                  {" → "}
                </>
              )}
              <Value of={to} />
            </div>
          ))}
        </Text>
      )}
      {reason && (
        <Text size="sm" fs="italic" mt={4}>
          “{reason}”
        </Text>
      )}
      {ip && (
        <Text size="xs" c="dimmed" mt={4} style={{ overflowWrap: "anywhere" }}>
          from {shown(ip)}
          {userAgent ? ` · ${deviceOf(shown(userAgent))}` : ""}
        </Text>
      )}
    </li>
  );
}

/** The browser and system in a user agent's text, as far as people care. */
function deviceOf(userAgent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\/[\d.]+/.exec(userAgent)?.[1];
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(userAgent)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };
  const known = [browser, system].filter((part) => part !== undefined);
  return known.map((part) => names[part] ?? part).join(" on ") || userAgent.slice(0, 60);
}
