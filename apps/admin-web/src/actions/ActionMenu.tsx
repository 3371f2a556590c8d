import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { allowed, useSignedIn } from "../app/session.ts";
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
export function useActions<R>(actions: readonly Action<R>[], rows: readonly R[]) {
  const me = useSignedIn();
  return allowed(me, actions).filter((action) => rows.some((row) => !action.obstacle?.(row, me)));
}

/** What can be chosen, and what is asked once something is. */
function useChoice<R>(props: Props<R>) {
  const [chosen, choose] = useState<Action<R>>();
  const possible = useActions(props.actions, props.rows);
  const dialog = chosen && (
    <ActionDialog {...props} action={chosen} onClose={() => choose(undefined)} />
  );
  return { possible, choose, dialog };
}

/** What can be done about one row, behind a button. */
export function ActionMenu<R>(props: Props<R> & { reach: number }) {
  const { rows, nameOf, reach } = props;
  const { possible, choose, dialog } = useChoice(props);
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
              onClick={() => choose(action)}
            >
              {action.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {dialog}
    </>
  );
}

/** The same as buttons, where there is room for them. */
export function ActionButtons<R>(props: Props<R>) {
  const { possible, choose, dialog } = useChoice(props);
  return (
    <Group gap="xs">
      {possible.map((action) => (
        <Button
          key={action.name}
          variant="default"
          leftSection={action.icon}
          {...(action.danger && { c: "var(--mantine-color-error)" })}
          onClick={() => choose(action)}
        >
          {action.label}
        </Button>
      ))}
      {dialog}
    </Group>
  );
}
