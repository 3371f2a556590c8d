import {
  ActionIcon,
  Avatar,
  Burger,
  Group,
  Kbd,
  Menu,
  SegmentedControl,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import {
  IconActivity,
  IconBook2,
  IconKeyboard,
  IconLogout,
  IconSearch,
  IconUser,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { client } from "../api/client.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";
import type { Opened } from "./Frame.tsx";
import { type Me, may, useSwitchUser } from "./session.ts";

type Props = {
  me: Me;
  menu: boolean;
  onMenu: () => void;
  onOpen: (what: Opened) => void;
};

export function TopBar({ me, menu, onMenu, onOpen }: Props) {
  return (
    <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Burger
          opened={menu}
          onClick={onMenu}
          hiddenFrom="sm"
          size="sm"
          aria-label={t.navigation}
        />
        <IconBook2 size={20} color="var(--mantine-primary-color-filled)" aria-hidden />
        <Text fw={700} visibleFrom="xs">
          {t.product}
        </Text>
        <Text c="dimmed" size="sm" truncate visibleFrom="xs">
          {me.organization.name}
        </Text>
      </Group>
      <Group gap={6} wrap="nowrap">
        <UnstyledButton className="search-button" onClick={() => onOpen("palette")}>
          <IconSearch size={16} aria-hidden />
          <Text span size="sm" visibleFrom="sm">
            {t.palette.open}
          </Text>
          <Text span className="read-out" hiddenFrom="sm">
            {t.palette.open}
          </Text>
          <Kbd size="xs" visibleFrom="sm" aria-hidden>
            {t.palette.keys}
          </Kbd>
        </UnstyledButton>
        {may(me, "history:read") && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t.live.open}
            title={t.live.open}
            onClick={() => onOpen("live")}
          >
            <IconActivity size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        )}
        <UserMenu me={me} onOpen={onOpen} />
      </Group>
    </Group>
  );
}

function UserMenu({ me, onOpen }: Pick<Props, "me" | "onOpen">) {
  const navigate = useNavigate();
  const switchUser = useSwitchUser();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = `${shown(me.user.firstName)} ${shown(me.user.lastName)}`;
  const signOut = async () => {
    await client.session.signOut.mutate();
    switchUser(null);
    navigate({ to: "/" });
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={t.me.menu(name)} className="me-button">
          <Avatar size={28} radius="xl" name={name} color="accent" />
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
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t.me.colours}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={Object.entries(t.me.schemes).map(([value, label]) => ({ value, label }))}
        />
        <Menu.Divider mt="xs" />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={signOut}>
          {t.me.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
