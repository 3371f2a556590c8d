import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { may, useSignedIn } from "../app/session.ts";
import { t } from "../texts/index.ts";
import { ActionDialog } from "./ActionDialog.tsx";
import type { Action } from "./declaration.ts";

type Props<R> = {
  actions: readonly Action<R>[];
  rows: readonly R[];
  nameOf: (row: R) => string;
  counted: (count: number) => string;
  onDone?: () => void;
};

/** Those that one may do, and that can be done about one of these at least. */
export function useActions<R>(actions: readonly Action<R>[]) {
  const me = useSignedIn();
  const allowed = actions.filter(({ permission }) => may(me, permission));
  return (rows: readonly R[]) =>
    allowed.filter((action) => rows.some((row) => !action.obstacle?.(row, me)));
}

/** What can be done about one row, behind a button. */
export function ActionMenu<R>(props: Props<R> & { reach: number }) {
  const { actions, rows, nameOf, reach } = props;
  const [chosen, setChosen] = useState<Action<R>>();
  const possible = useActions(actions)(rows);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            tabIndex={reach}
            aria-label={t.list.actionsOf(nameOf(rows[0] as R))}
          >
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {possible.length === 0 && <Menu.Label>{t.actions.none}</Menu.Label>}
          {possible.map((action) => (
            <Menu.Item
              key={action.name}
              leftSection={action.icon}
              {...(action.danger && { c: "var(--mantine-color-error)" })}
              onClick={() => setChosen(action)}
            >
              {action.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {chosen && <ActionDialog {...props} action={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

/** The same as buttons, where there is room for them. */
export function ActionButtons<R>(props: Props<R>) {
  const { actions, rows } = props;
  const [chosen, setChosen] = useState<Action<R>>();
  const possible = useActions(actions)(rows);
  return (
    <Group gap="xs">
      {possible.map((action) => (
        <Button
          key={action.name}
          variant="default"
          leftSection={action.icon}
          {...(action.danger && { c: "var(--mantine-color-error)" })}
          onClick={() => setChosen(action)}
        >
          {action.label}
        </Button>
      ))}
      {chosen && <ActionDialog {...props} action={chosen} onClose={() => setChosen(undefined)} />}
    </Group>
  );
}
