import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconChevronDown,
  IconLogout,
  IconMail,
  IconMoon,
  IconSun,
  IconUser,
  IconUsers,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { client } from "../api/client.ts";
import { followLive } from "../api/live.ts";
import { shown } from "../ui/Value.tsx";
import { type Me, may, useSignedIn, useSwitchUser } from "./session.ts";

const pages = [
  { to: "/people", label: "People", icon: IconUsers, permission: "people:read" },
  { to: "/mail", label: "Mail", icon: IconMail, permission: "mail:read" },
  { to: "/account", label: "My account", icon: IconUser, permission: undefined },
] as const;

/** What stands around every page: where one can go, which organization this is, and oneself. */
export function Frame() {
  const me = useSignedIn();
  const [opened, { toggle, close }] = useDisclosure(false);
  const queryClient = useQueryClient();
  const [lost, setLost] = useState(false);
  useEffect(() => followLive(queryClient, setLost), [queryClient]);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a href="#main" className="skip-link">
        Skip to the page
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
            />
            <Text fw={700}>Daybook</Text>
            <Text c="dimmed" size="sm" truncate visibleFrom="xs">
              {me.organization.name}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <SchemeToggle />
            <UserMenu me={me} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        {pages
          .filter(({ permission }) => permission === undefined || may(me, permission))
          .map(({ to, label, icon: Icon }) => (
            <NavLink
              key={to}
              renderRoot={(props) => <Link to={to} preload="intent" {...props} />}
              label={label}
              leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
              onClick={close}
              style={{ borderRadius: 6 }}
            />
          ))}
      </AppShell.Navbar>
      <AppShell.Main id="main">
        {lost && (
          <Text size="xs" c="dimmed" role="status" mb="xs">
            The connection is down; what others change shows again when it is back.
          </Text>
        )}
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const Icon = dark ? IconSun : IconMoon;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={dark ? "Light colours" : "Dark colours"}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      <Icon size={18} stroke={1.6} />
    </ActionIcon>
  );
}

function UserMenu({ me }: { me: Me }) {
  const navigate = useNavigate();
  const switchUser = useSwitchUser();
  const signOut = async () => {
    await client.session.signOut.mutate();
    switchUser(null);
    navigate({ to: "/" });
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton>
          <Group gap={4} wrap="nowrap">
            <Text size="sm" truncate maw={160}>
              {shown(me.user.firstName)} {shown(me.user.lastName)}
            </Text>
            <IconChevronDown size={14} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{shown(me.user.email)}</Menu.Label>
        <Menu.Item
          leftSection={<IconUser size={16} />}
          onClick={() => navigate({ to: "/account" })}
        >
          My account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
