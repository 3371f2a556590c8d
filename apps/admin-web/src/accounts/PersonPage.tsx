import type { PersonRow } from "@daybook/projections";
import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { trpc } from "../api/client.ts";
import { type Me, may, useSignedIn } from "../app/session.ts";
import { roleTexts } from "../texts.ts";
import { Facts } from "../ui/Facts.tsx";
import { Moment } from "../ui/Moment.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { Timeline } from "../ui/Timeline.tsx";
import { shown, Value } from "../ui/Value.tsx";
import { PersonActions } from "./PersonActions.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

/** A person: their data, what can be done, and everything that happened to them. */
export function PersonPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const me = useSignedIn();
  const person = useQuery(trpc.people.get.queryOptions({ id }));
  return (
    <Stack gap="xl">
      <Stack gap="xs">
        <Anchor size="sm" renderRoot={(props) => <Link to="/people" {...props} />}>
          ← People
        </Anchor>
        {person.data && <Heading person={person.data} me={me} />}
      </Stack>
      {person.isPending && <Lines count={6} />}
      {person.isError && <ErrorState error={person.error} retry={person.refetch} />}
      {person.data && (
        <div className="person-columns">
          <PersonFacts person={person.data} />
          {may(me, "history:read") && <PersonHistory person={person.data} me={me} />}
        </div>
      )}
    </Stack>
  );
}

const fullName = ({ firstName, lastName }: Pick<PersonRow, "firstName" | "lastName">) =>
  `${shown(firstName)} ${shown(lastName)}`;

function Heading({ person, me }: { person: PersonRow; me: Me }) {
  return (
    <Group justify="space-between" gap="md">
      <Group gap="sm">
        <Title order={1}>{fullName(person)}</Title>
        <StatusBadge status={person.status} />
      </Group>
      {may(me, "people:write") && (
        <PersonActions person={person} isSelf={person.id === me.user.id} />
      )}
    </Group>
  );
}

function PersonFacts({ person }: { person: PersonRow }) {
  const { username, email, phone, role, createdAt, lastSignInAt, mustChangePassword } = person;
  return (
    <section aria-labelledby="facts">
      <Title order={2} mb="md" id="facts">
        Details
      </Title>
      <Facts
        of={[
          ["Username", <Value key="username" of={username} />],
          ["E-mail address", <Value key="email" of={email} />],
          ["Phone", <Value key="phone" of={phone} />],
          ["Role", roleTexts[role]],
          ["Password", mustChangePassword ? "Must be changed at the next sign-in" : "Their own"],
          ["Last sign-in", lastSignInAt ? <Moment key="seen" at={lastSignInAt} /> : "Never"],
          ["Created", <Moment key="created" at={createdAt} />],
        ]}
      />
    </section>
  );
}

function PersonHistory({ person, me }: { person: PersonRow; me: Me }) {
  const query = useInfiniteQuery(
    trpc.history.list.infiniteQueryOptions(
      { subject: person.id },
      { getNextPageParam: ({ cursor }) => cursor },
    ),
  );
  return (
    <Stack gap={0}>
      <Timeline
        query={query}
        nameOf={({ kind, id }) => {
          if (id === person.id) return fullName(person);
          if (id === me.user.id) return "You";
          const named = query.data?.pages.find(({ names }) => id in names)?.names[id];
          if (named) return fullName(named);
          if (kind !== "system") return "Somebody of another organization";
          return id === "sign-in" ? "Somebody" : "Daybook";
        }}
      />
      {query.isSuccess && !query.hasNextPage && (
        <Text size="xs" c="dimmed">
          That is everything since the beginning.
        </Text>
      )}
    </Stack>
  );
}
