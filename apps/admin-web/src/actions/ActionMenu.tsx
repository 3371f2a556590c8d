import { Button, Group, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { type ComponentProps, useEffect, useRef, useState } from "react";
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

/**
 * What can be chosen, which is what one may do and can be done about one of the rows at least, and
 * what is asked once something is.
 */
function useChoice<R>(props: Props<R>) {
  const { actions, rows } = props;
  const me = useSignedIn();
  const [chosen, choose] = useState<Action<R>>();
  const possible = allowed(me, actions).filter(({ obstacle }) =>
    rows.some((row) => !obstacle?.(row, me)),
  );
  const dialog = chosen && (
    <ActionDialog {...props} action={chosen} onClose={() => choose(undefined)} />
  );
  return { possible, choose, dialog };
}

/**
 * What can be done about one row, behind a button. There is a button in each row of a long list, and
 * few menus are opened: each is made when it is.
 */
export function ActionMenu<R>(props: Props<R> & { reach: number }) {
  const [isWanted, setWanted] = useState(false);
  if (isWanted) return <OpenedMenu {...props} />;
  const { rows, nameOf, reach } = props;
  return <MenuButton of={nameOf(rows[0] as R)} tabIndex={reach} onClick={() => setWanted(true)} />;
}

type ButtonProps = ComponentProps<"button"> & { of: string };

const MenuButton = ({ of, ...props }: ButtonProps) => (
  <button
    {...props}
    type="button"
    className="menu-button"
    aria-haspopup="menu"
    aria-label={t.list.actionsOf(of)}
  >
    <IconDots size={16} aria-hidden />
  </button>
);

function OpenedMenu<R>(props: Props<R> & { reach: number }) {
  const { rows, nameOf, reach } = props;
  const { possible, choose, dialog } = useChoice(props);
  const [isOpened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // In place of the one that was pressed, so that the keyboard comes back to it.
    button.current?.focus({ preventScroll: true });
    setOpened(true);
  }, []);
  return (
    <>
      <Menu position="bottom-end" withinPortal opened={isOpened} onChange={setOpened}>
        <Menu.Target>
          <MenuButton ref={button} of={nameOf(rows[0] as R)} tabIndex={reach} />
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
