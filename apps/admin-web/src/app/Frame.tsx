import { AppShell, Text } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useLocation, useMatches, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { undoLast } from "../actions/undo.tsx";
import { followLive } from "../api/live.ts";
import { t } from "../texts/index.ts";
import { Lines } from "../ui/States.tsx";
import { features } from "./features.ts";
import { Navigation } from "./Navigation.tsx";
import { NotAllowed } from "./Outside.tsx";
import { allowed, may, useSignedIn } from "./session.ts";
import { useShortcuts } from "./shortcuts.ts";
import { TopBar } from "./TopBar.tsx";

// Each is opened by somebody who wants it: nobody else loads it.
const Palette = lazy(() => import("./Palette.tsx"));
const LiveFeed = lazy(() => import("../history/LiveFeed.tsx"));
const Keys = lazy(() => import("./Keys.tsx"));

export type Opened = "palette" | "live" | "keys";

/** What stands around every page: where one can go, which organization this is, and oneself. */
export function Frame() {
  const me = useSignedIn();
  const [menu, { toggle, close }] = useDisclosure(false);
  const [narrow, setNarrow] = useLocalStorage({ key: "daybook.narrow", defaultValue: false });
  const [opened, setOpened] = useState<Opened>();
  const queryClient = useQueryClient();
  const router = useRouter();
  const [lost, setLost] = useState(false);
  useEffect(() => followLive(queryClient, setLost), [queryClient]);
  useMovedFocus();

  const entries = allowed(
    me,
    features.flatMap(({ section, actions = [] }) => [...(section ? [section] : []), ...actions]),
  );
  const maySeeHistory = may(me, "history:read");
  useShortcuts([
    { keys: "$mod+k", label: t.shortcuts.palette, run: () => setOpened("palette") },
    { keys: "?", label: t.shortcuts.help, run: () => setOpened("keys") },
    ...(maySeeHistory
      ? [{ keys: "l", label: t.shortcuts.live, run: () => setOpened("live") }]
      : []),
    { keys: "[", label: t.shortcuts.narrow, run: () => setNarrow((before) => !before) },
    { keys: "u", label: t.shortcuts.undo, run: undoLast },
    ...entries.flatMap(({ keys, label, link }) =>
      keys ? [{ keys, label, run: () => router.navigate(link as never) }] : [],
    ),
  ]);

  const shut = () => setOpened(undefined);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: narrow ? 60 : 208, breakpoint: "sm", collapsed: { mobile: !menu } }}
      padding={{ base: "md", sm: "lg" }}
      transitionDuration={120}
    >
      <a href="#main" className="skip-link">
        {t.skip}
      </a>
      <AppShell.Header px="sm">
        <TopBar me={me} menu={menu} onMenu={toggle} onOpen={setOpened} />
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t.navigation}>
        <Navigation me={me} narrow={narrow && !menu} onNarrow={setNarrow} onChosen={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {lost && (
          <Text size="xs" c="dimmed" role="status" mb="xs">
            {t.connectionLost}
          </Text>
        )}
        <Suspense fallback={<Lines count={8} />}>
          <Allowed />
        </Suspense>
      </AppShell.Main>
      <Suspense>
        {opened === "palette" && <Palette entries={entries} me={me} onClose={shut} />}
        {opened === "live" && <LiveFeed onClose={shut} />}
        {opened === "keys" && <Keys onClose={shut} />}
      </Suspense>
    </AppShell>
  );
}

/** The page, where one may see it. */
function Allowed() {
  const me = useSignedIn();
  const permission = useMatches().at(-1)?.staticData.permission;
  return !permission || may(me, permission) ? <Outlet /> : <NotAllowed permission={permission} />;
}

/** On another page the keyboard, and who reads out, begin at its start. */
function useMovedFocus() {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current !== pathname)
      document.getElementById("main")?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname]);
}
