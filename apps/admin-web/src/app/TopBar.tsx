import { ActionIcon, Avatar, Burger, Group, Kbd, Text, UnstyledButton } from "@mantine/core";
import { IconActivity, IconBook2, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { t } from "../texts/index.ts";
import type { Opened } from "./Frame.tsx";
import { type Me, may } from "./session.ts";

// Menus are a good part of what the frame would load before it shows.
const UserMenu = lazy(() => import("./UserMenu.tsx"));

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
        <Suspense fallback={<Avatar size={28} radius="xl" />}>
          <UserMenu me={me} onOpen={onOpen} />
        </Suspense>
      </Group>
    </Group>
  );
}
