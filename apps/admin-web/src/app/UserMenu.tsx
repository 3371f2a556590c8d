import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconKeyboard, IconLogout, IconUser } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { tell } from "../actions/undo.tsx";
import { client } from "../api/client.ts";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";
import type { Opened } from "./Frame.tsx";
import { type Me, useSwitchUser } from "./session.ts";

type Props = { me: Me; onOpen: (what: Opened) => void };

/** Oneself: the account, how the app looks, and the way out. */
export default function UserMenu({ me, onOpen }: Props) {
  const navigate = useNavigate();
  const switchUser = useSwitchUser();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = `${shown(me.user.firstName)} ${shown(me.user.lastName)}`;
  const signOut = async () => {
    try {
      await client.session.signOut.mutate();
    } catch (error) {
      // Somebody who only seems to be signed out would leave the machine to others.
      return tell(sentence(error));
    }
    switchUser(null);
    navigate({ to: "/" });
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className="me-button">
          <Avatar size={28} radius="xl" name={name} color="accent" aria-hidden />
          <span className="read-out">{t.me.menu(name)}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">
            {name}
          </Text>
          {shown(me.user.email)}
          <br />
          {t.values[me.role]} · {me.organization.name}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUser size={16} aria-hidden />}
          onClick={() => navigate({ to: "/account" })}
        >
          {t.account.title}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} aria-hidden />}
          onClick={() => onOpen("keys")}
        >
          {t.shortcuts.help}
        </Menu.Item>
        <Menu.Label>{t.me.colours}</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
        >
          {Object.entries(t.me.schemes).map(([value, label]) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick={false}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider mt="xs" />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={signOut}>
          {t.me.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
