import { ActionIcon, Button, Chip, Group, Menu, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconColumns3, IconFilter, IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useShortcuts } from "../app/shortcuts.ts";
import { t } from "../texts/index.ts";
import type { Filter, ListDeclaration } from "./declaration.ts";
import { Export } from "./Export.tsx";
import type { ListState } from "./list-state.ts";
import type { Density, Preferences } from "./preferences.ts";

/** Typing is followed quickly, but not with a request a key. */
const TYPING_MS = 150;

type Props<R extends { id: string }> = {
  list: ListDeclaration<R>;
  state: ListState;
  preferences: Preferences<R>;
  count: number | undefined;
};

/** What a list is searched and filtered by, and how it is shown. */
export function Toolbar<R extends { id: string }>({ list, state, preferences, count }: Props<R>) {
  const { searchLabel, filters, file } = list;
  const isFiltered = state.search !== "" || Object.keys(state.filters).length > 0;
  return (
    <Group gap="xs" role="search" aria-label={t.list.narrow}>
      {searchLabel && <Search label={searchLabel} state={state} />}
      {Object.entries(filters).map(([name, filter]) => (
        <FilterMenu key={name} name={name} filter={filter} state={state} />
      ))}
      {isFiltered && (
        <Button variant="subtle" size="compact-sm" onClick={state.clear}>
          {t.list.clear}
        </Button>
      )}
      {state.search !== "" && (
        <Text size="sm" c="dimmed" visibleFrom="sm">
          {t.list.bestFirst}
        </Text>
      )}
      <Group gap="xs" ml="auto" wrap="nowrap">
        <Columns list={list} preferences={preferences} />
        {file && <Export file={file} state={state} count={count} />}
      </Group>
    </Group>
  );
}

function Search({ label, state }: { label: string; state: ListState }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(state.search);
  const search = useDebouncedCallback((q: string) => state.set({ q: q || undefined }), TYPING_MS);
  // The address changes also by other hands: a cleared search, a link, the way back.
  useEffect(() => {
    if (document.activeElement !== input.current) setText(state.search);
  }, [state.search]);
  useShortcuts([{ keys: "/", label: t.list.searchShortcut, run: () => input.current?.focus() }]);
  return (
    <TextInput
      ref={input}
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      w={{ base: "100%", xs: 320 }}
    />
  );
}

function FilterMenu({ name, filter, state }: { name: string; filter: Filter; state: ListState }) {
  const { label, options } = filter;
  const chosen = state.filters[name];
  if (chosen)
    return (
      <Chip checked size="sm" onChange={() => state.set({ [name]: undefined })}>
        {t.list.filtered(label, options[chosen] ?? chosen)}
      </Chip>
    );
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<IconFilter size={14} aria-hidden />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(options).map(([value, text]) => (
          <Menu.Item key={value} onClick={() => state.set({ [name]: value })}>
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Columns<R extends { id: string }>({
  list,
  preferences,
}: Pick<Props<R>, "list" | "preferences">) {
  const { density, setDensity, isShown, toggle } = preferences;
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t.list.view} title={t.list.view}>
          <IconColumns3 size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.list.columns}</Menu.Label>
        {Object.entries(list.columns)
          .slice(1)
          .map(([name, { label }]) => (
            <Menu.CheckboxItem key={name} checked={isShown(name)} onChange={() => toggle(name)}>
              {label}
            </Menu.CheckboxItem>
          ))}
        <Menu.Divider />
        <Menu.Label>{t.list.density}</Menu.Label>
        <Menu.RadioGroup value={density} onChange={(value) => setDensity(value as Density)}>
          {Object.entries(t.list.densities).map(([value, label]) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
