import { Alert, Button, Group, Radio, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";
import type { Values } from "./values.ts";

const labels: Readonly<Record<string, string>> = t.fields;

type Props = {
  /** What the form showed, what it is now, and what was entered. */
  base: Values;
  theirs: Values;
  mine: Values;
  /** Leaves all as it is now. */
  onKeep: () => void;
  /** Saves what was decided, field by field. */
  onSave: (values: Values) => Promise<unknown>;
};

/** Somebody saved the same thing first: what they changed, what was entered, and a choice for each. */
export function Differences({ base, theirs, mine, onKeep, onSave }: Props) {
  const fields = Object.keys(base).filter(
    (field) => base[field] !== theirs[field] || base[field] !== mine[field],
  );
  // Who alone changed a field is followed; where both did, what was entered here is.
  const [choice, setChoice] = useState<Readonly<Record<string, "theirs" | "mine">>>(
    Object.fromEntries(
      fields.map((field) => [field, mine[field] === base[field] ? "theirs" : "mine"]),
    ),
  );
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const save = async () => {
    setSending(true);
    const decided = fields.filter((field) => choice[field] === "mine");
    const values = Object.fromEntries(decided.map((field) => [field, mine[field] as string]));
    await onSave({ ...theirs, ...values }).catch(setError);
    setSending(false);
  };
  return (
    <Stack gap="md">
      <Alert color="yellow" role="alert">
        {t.differences.explanation}
      </Alert>
      {error !== undefined && (
        <Alert color="red" role="alert">
          {sentence(error)}
        </Alert>
      )}
      <Table verticalSpacing="xs" layout="fixed" className="differences">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.differences.field}</Table.Th>
            <Table.Th>{t.differences.now}</Table.Th>
            <Table.Th>{t.differences.mine}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => (
            <Table.Tr key={field}>
              <Table.Th scope="row">{labels[field] ?? field}</Table.Th>
              {(["theirs", "mine"] as const).map((side) => (
                <Table.Td key={side}>
                  <Radio
                    size="xs"
                    name={field}
                    checked={choice[field] === side}
                    onChange={() => setChoice({ ...choice, [field]: side })}
                    label={
                      <span className="difference">{shown({ theirs, mine }[side][field])}</span>
                    }
                    description={
                      side === "theirs" && theirs[field] !== base[field]
                        ? t.differences.was(shown(base[field]))
                        : undefined
                    }
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {t.differences.help}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onKeep}>
          {t.differences.keep}
        </Button>
        <Button loading={sending} onClick={save}>
          {t.differences.save}
        </Button>
      </Group>
    </Stack>
  );
}
