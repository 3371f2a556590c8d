import { useQuery } from "@tanstack/react-query";
import { trpc } from "../api/client.ts";
import { Entry } from "../history/Entry.tsx";
import { t } from "../texts/index.ts";
import { EmptyState, ErrorState, Lines } from "../ui/States.tsx";

const LAST = 10;

/** What happened last, whoever did it. */
export function LastEvents() {
  const query = useQuery(trpc.history.list.queryOptions({ limit: LAST }));
  if (query.isPending) return <Lines count={LAST} height={36} />;
  if (query.isError) return <ErrorState error={query.error} retry={query.refetch} />;
  const { rows, names } = query.data;
  if (rows.length === 0) return <EmptyState title={t.history.none} />;
  return (
    <ol className="timeline">
      {rows.map((entry) => (
        <Entry key={entry.id} entry={entry} names={names} about />
      ))}
    </ol>
  );
}
