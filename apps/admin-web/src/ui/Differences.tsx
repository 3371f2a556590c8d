import { Alert, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../api/refusals.ts";
import { fieldLabels } from "../texts.ts";
import { shown } from "./Value.tsx";

type Values = Readonly<Record<string, unknown>>;

type Props = {
  /** What the form showed, what it is now, and what was entered. */
  base: Values;
  theirs: Values;
  mine: Values;
  onTheirs: () => void;
  onMine: () => Promise<unknown>;
};

/** Somebody saved the same thing first: what they changed, what was entered, and the choice. */
export function Differences({ base, theirs, mine, onTheirs, onMine }: Props) {
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const fields = Object.keys(base).filter(
    (field) => base[field] !== theirs[field] || base[field] !== mine[field],
  );
  const saveMine = async () => {
    setSending(true);
    await onMine().catch(setError);
    setSending(false);
  };
  return (
    <Stack gap="md">
      <Alert color="yellow" role="alert">
        Somebody else saved changes while you were editing. Nothing of yours is saved yet.
      </Alert>
      {error !== undefined && <Alert color="red">{sentence(error)}</Alert>}
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Now</Table.Th>
            <Table.Th>Yours</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => (
            <Table.Tr key={field}>
              <Table.Td>{fieldLabels[field] ?? field}</Table.Td>
              <Table.Td>
                {shown(theirs[field])}
                {theirs[field] !== base[field] && (
                  <Text size="xs" c="dimmed">
                    was {shown(base[field])}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{shown(mine[field])}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onTheirs}>
          Keep theirs
        </Button>
        <Button loading={sending} onClick={saveMine}>
          Save mine
        </Button>
      </Group>
    </Stack>
  );
}
