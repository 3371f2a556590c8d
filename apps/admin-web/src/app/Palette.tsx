import "@mantine/spotlight/styles.css";
import { Loader, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch, IconUser } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { t } from "../texts/index.ts";
import { useDialog } from "../ui/dialog.ts";
import type { Entry, Found } from "./feature.ts";
import { features } from "./features.ts";
import { Pressed } from "./Keys.tsx";
import { allowed, type Me } from "./session.ts";

/** Typing is followed quickly, but not with a request a key. */
const TYPING_MS = 120;

const [store, palette] = createSpotlight();

const LIST = ".mantine-Spotlight-actionsList";

type Props = { entries: readonly Entry[]; me: Me; onClose: () => void };

/** Goes to any page, finds anything by its name, and begins what can be begun. */
export default function Palette({ entries, me, onClose }: Props) {
  useDialog();
  const router = useRouter();
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const [asked] = useDebouncedValue(wanted, TYPING_MS);
  const sources = allowed(
    me,
    features.flatMap(({ find }) => find ?? []),
  );
  const found = useQuery({
    queryKey: ["palette", asked],
    queryFn: ({ signal }) => Promise.all(sources.map(({ search }) => search(asked, signal))),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  });
  useEffect(() => {
    palette.open();
    return palette.close;
  }, []);
  useFirstChosen();
  const isComing = wanted !== "" && (wanted !== asked || found.isFetching);
  const chooseFirst = useAwaited(isComing);
  const go = (link: Entry["link"]) => {
    onClose();
    router.navigate(link as never);
  };
  const matching = entries.filter(({ label }) => label.toLowerCase().includes(wanted));
  const results = wanted === "" ? [] : (found.data ?? []);
  const isEmpty = matching.length === 0 && results.every((some) => some.length === 0);
  return (
    <Spotlight.Root
      store={store}
      onSpotlightClose={onClose}
      query={text}
      onQueryChange={setText}
      closeOnActionTrigger={false}
      shortcut={null}
      transitionProps={{ duration: 100 }}
      overlayProps={{ blur: 0 }}
      centered={false}
      attributes={{ content: { "aria-label": t.palette.open } }}
      // Its own is fainter than can be read by everybody.
      styles={{ actionDescription: { opacity: 1, color: "inherit" } }}
      maxHeight="min(480px, 70vh)"
      scrollable
    >
      <Spotlight.Search
        aria-label={t.palette.open}
        placeholder={t.palette.placeholder}
        onKeyDownCapture={(event) => {
          if (event.key !== "Enter" || !isComing) return;
          event.stopPropagation();
          chooseFirst();
        }}
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={found.isFetching ? <Loader size={16} /> : undefined}
      />
      <Spotlight.ActionsList>
        {results.map((some, at) =>
          some.length > 0 ? (
            <Things
              key={sources[at]?.label}
              label={sources[at]?.label ?? ""}
              found={some}
              go={go}
            />
          ) : null,
        )}
        {matching.length > 0 && (
          <Spotlight.ActionsGroup label={t.palette.entries}>
            {matching.map(({ label, icon: Icon, link, keys }) => (
              <Spotlight.Action
                key={label}
                label={label}
                leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
                rightSection={keys && <Pressed keys={keys} />}
                onClick={() => go(link)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {isEmpty && !found.isFetching && <Spotlight.Empty>{t.palette.nothing}</Spotlight.Empty>}
      </Spotlight.ActionsList>
      <Text size="xs" c="dimmed" px="md" py={6} className="palette-help">
        {t.palette.help}
      </Text>
    </Spotlight.Root>
  );
}

/** What is found comes after the key that asked for it: then the first of it is what Enter goes to. */
function useFirstChosen() {
  useEffect(() => {
    const list = document.querySelector(LIST);
    if (!list || list.querySelector("[data-selected]")) return;
    list.querySelector("[data-action]")?.setAttribute("data-selected", "true");
    store.updateState((state) => ({ ...state, selected: 0 }));
  });
}

/** Enter means what was typed, not what was found before: it waits for what is on its way. */
function useAwaited(isComing: boolean) {
  const [isAwaited, setAwaited] = useState(false);
  useEffect(() => {
    if (!isAwaited || isComing) return;
    setAwaited(false);
    document.querySelector<HTMLElement>(`${LIST} [data-action]`)?.click();
  }, [isAwaited, isComing]);
  return () => setAwaited(true);
}

type ThingsProps = { label: string; found: readonly Found[]; go: (link: Found["link"]) => void };

const Things = ({ label, found, go }: ThingsProps) => (
  <Spotlight.ActionsGroup label={label}>
    {found.map((one) => (
      <Spotlight.Action
        key={one.id}
        label={one.label}
        description={one.description as string}
        leftSection={<IconUser size={18} stroke={1.6} aria-hidden />}
        onClick={() => go(one.link)}
      />
    ))}
  </Spotlight.ActionsGroup>
);
