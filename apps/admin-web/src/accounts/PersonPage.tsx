import type { PersonRow } from "@daybook/projections";
import { Button, Stack, Title } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ActionButtons } from "../actions/ActionMenu.tsx";
import { trpc } from "../api/client.ts";
import { usePanel } from "../app/open-state.ts";
import { type Me, may, useSignedIn } from "../app/session.ts";
import { EditPanel } from "../form/EditPanel.tsx";
import { History } from "../history/History.tsx";
import { t } from "../texts/index.ts";
import { Facts } from "../ui/Facts.tsx";
import { Moment } from "../ui/Moment.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { Value } from "../ui/Value.tsx";
import { editPerson, editSelf } from "./edit-person.ts";
import { PersonStatus } from "./PersonStatus.tsx";
import { nameOf, personActions } from "./person-actions.tsx";

const crumbs = [{ label: t.people.title, link: { to: "/people" } }];

/** A person: their data, what can be done, and everything that happened to them. */
export function PersonPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const me = useSignedIn();
  const person = useQuery(trpc.people.get.queryOptions({ id }));
  if (person.isError)
    return (
      <Stack gap="lg">
        <PageHeader title={t.people.one} crumbs={crumbs} />
        <ErrorState error={person.error} retry={person.refetch} />
      </Stack>
    );
  return (
    <Stack gap="lg">
      {person.data ? (
        <Heading person={person.data} me={me} />
      ) : (
        <PageHeader title={t.people.one} crumbs={crumbs} />
      )}
      <div className="object-columns">
        <section aria-labelledby="facts">
          <Title order={2} mb="md" id="facts">
            {t.details}
          </Title>
          {person.data ? <PersonFacts person={person.data} /> : <Lines count={7} />}
        </section>
        {may(me, "history:read") && <History subject={id} />}
      </div>
    </Stack>
  );
}

function Heading({ person, me }: { person: PersonRow; me: Me }) {
  const panel = usePanel("edit");
  const isSelf = person.id === me.user.id;
  return (
    <>
      <PageHeader
        title={nameOf(person)}
        crumbs={crumbs}
        note={<PersonStatus status={person.status} />}
      >
        {may(me, "people:write") && (
          <Button
            variant="default"
            leftSection={<IconPencil size={16} aria-hidden />}
            onClick={panel.open}
          >
            {t.people.edit.button}
          </Button>
        )}
        <ActionButtons
          actions={personActions}
          rows={[person]}
          nameOf={nameOf}
          counted={t.people.counted}
        />
      </PageHeader>
      {may(me, "people:write") && (
        <EditPanel
          edit={isSelf ? editSelf : editPerson}
          row={person}
          opened={panel.opened}
          onClose={panel.close}
        />
      )}
    </>
  );
}

function PersonFacts({ person }: { person: PersonRow }) {
  const { username, email, phone, role, createdAt, lastSignInAt, mustChangePassword } = person;
  return (
    <Facts
      of={[
        [t.fields.username, <Value key="username" of={username} />],
        [t.fields.email, <Value key="email" of={email} />],
        [t.fields.phone, <Value key="phone" of={phone} />],
        [t.fields.role, t.values[role]],
        [t.fields.password, mustChangePassword ? t.people.mustChange : t.people.ownPassword],
        [
          t.people.columns.lastSignIn,
          lastSignInAt ? <Moment key="seen" at={lastSignInAt} /> : t.noneKnown,
        ],
        [t.people.columns.created, <Moment key="created" at={createdAt} />],
      ]}
    />
  );
}
