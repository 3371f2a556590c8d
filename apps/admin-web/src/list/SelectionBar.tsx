import { ActionIcon, Paper, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { ActionButtons } from "../actions/ActionMenu.tsx";
import { t } from "../texts/index.ts";
import type { ListDeclaration } from "./declaration.ts";
import type { Selection } from "./selection.ts";

type Props<R extends { id: string }> = { list: ListDeclaration<R>; selection: Selection<R> };

/** What can be done about the rows that were chosen. */
export function SelectionBar<R extends { id: string }>({ list, selection }: Props<R>) {
  const { actions, nameOf, counted } = list;
  const { rows, clear } = selection;
  return (
    <Paper withBorder className="selection-bar" role="region" aria-label={t.list.selection}>
      <Text size="sm" fw={600} role="status">
        {t.list.selected(counted(rows.length))}
      </Text>
      <ActionButtons {...{ actions, rows, nameOf, counted }} onDone={clear} />
      <ActionIcon variant="subtle" color="gray" aria-label={t.list.clearSelection} onClick={clear}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </Paper>
  );
}
