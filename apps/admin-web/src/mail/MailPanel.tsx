import type { MailRow } from "@daybook/projections";
import { Anchor, Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ActionButtons } from "../actions/ActionMenu.tsx";
import { trpc } from "../api/client.ts";
import { t } from "../texts/index.ts";
import { isCovered } from "../ui/dialog.ts";
import { Facts } from "../ui/Facts.tsx";
import { Moment } from "../ui/Moment.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { shown, Value } from "../ui/Value.tsx";
import { MailBodies } from "./MailBodies.tsx";
import { MailStatus } from "./MailStatus.tsx";
import { mailActions, nameOf } from "./mail-actions.tsx";

/** One mail: what became of it and, where it was kept, what it says. */
export function MailPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={() => isCovered() || onClose()}
      position="right"
      size="xl"
      title={t.mail.one}
      closeButtonProps={{ "aria-label": t.close }}
    >
      {id && <MailContent id={id} />}
    </Drawer>
  );
}

function MailContent({ id }: { id: string }) {
  const query = useQuery(trpc.mail.get.queryOptions({ id }));
  if (query.isPending) return <Lines count={8} />;
  if (query.isError) return <ErrorState error={query.error} retry={query.refetch} />;
  const { mail, message } = query.data;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <MailStatus status={mail.status} />
        <ActionButtons
          actions={mailActions}
          rows={[mail]}
          nameOf={nameOf}
          counted={t.mail.counted}
        />
      </Group>
      <MailFacts mail={mail} subject={message?.subject} />
      {mail.tries.length > 0 && <Tries tries={mail.tries} />}
      <section aria-label={t.mail.content}>
        {!message && (
          <Text size="sm" c="dimmed">
            {t.mail.notKept}
          </Text>
        )}
        {message?.masked && (
          <Text size="sm" c="dimmed" mb="xs">
            {t.mail.masked}
          </Text>
        )}
        {message && <MailBodies {...message} />}
      </section>
    </Stack>
  );
}

function MailFacts({ mail, subject }: { mail: MailRow; subject: string | undefined }) {
  const { template, to, requestedAt, repeats, causedBy, expiresAt, subject: person } = mail;
  return (
    <Facts
      of={[
        [t.mail.columns.mail, t.mail.templates[template]],
        [
          t.fields.to,
          person ? (
            <Anchor
              key="to"
              renderRoot={(props) => <Link to="/people/$id" params={{ id: person }} {...props} />}
            >
              <Value of={to} />
            </Anchor>
          ) : (
            <Value key="to" of={to} />
          ),
        ],
        ...(subject ? [[t.mail.subject, subject] as const] : []),
        [t.mail.columns.requested, <Moment key="requested" at={requestedAt} />],
        ...(repeats > 0 ? [[t.mail.repeats, repeats] as const] : []),
        ...(expiresAt ? [[t.mail.expires, <Moment key="expires" at={expiresAt} />] as const] : []),
        ...(causedBy
          ? [
              [
                t.history.cause,
                <Anchor
                  key="cause"
                  renderRoot={(props) => (
                    <Link to="/history/$id" params={{ id: causedBy }} {...props} />
                  )}
                >
                  {t.mail.openCause}
                </Anchor>,
              ] as const,
            ]
          : []),
      ]}
    />
  );
}

/** Each attempt to send it, newest first. */
const Tries = ({ tries }: Pick<MailRow, "tries">) => (
  <section aria-labelledby="tries">
    <Title order={3} mb="xs" id="tries">
      {t.mail.columns.attempts}
    </Title>
    <Table verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.mail.try}</Table.Th>
          <Table.Th>{t.mail.when}</Table.Th>
          <Table.Th>{t.mail.outcome}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tries.toReversed().map(({ attempt, at, outcome, error }) => (
          <Table.Tr key={attempt}>
            <Table.Td>{attempt}</Table.Td>
            <Table.Td>
              <Moment at={at} />
            </Table.Td>
            <Table.Td>
              {t.mail.outcomes[outcome]}
              {error !== undefined && `: ${shown(error)}`}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </section>
);
