import { useLocalStorage } from "@mantine/hooks";
import { useMemo } from "react";
import type { Column, ListDeclaration } from "./declaration.ts";

export type Density = "comfortable" | "compact";

/** The height of a row in pixels: all are alike, so that a long list scrolls without measuring. */
export const rowHeight: Readonly<Record<Density, number>> = { comfortable: 40, compact: 30 };

export type NamedColumn<R> = Column<R, string> & { name: string };

export type Preferences<R> = {
  density: Density;
  setDensity: (density: Density) => void;
  columns: readonly NamedColumn<R>[];
  isShown: (name: string) => boolean;
  toggle: (name: string) => void;
};

/** How somebody wants to see a list: kept by the browser, not by the address that others are sent. */
export function usePreferences<R extends { id: string }>(list: ListDeclaration<R>): Preferences<R> {
  const [density, setDensity] = useLocalStorage<Density>({
    key: "daybook.density",
    defaultValue: "comfortable",
  });
  const all = useMemo(
    () => Object.entries(list.columns).map(([name, column]) => ({ name, ...column })),
    [list],
  );
  const byDefault = all.filter(({ hidden }) => !hidden).map(({ name }) => name);
  const [shown, setShown] = useLocalStorage<string[]>({
    key: `daybook.columns.${list.name}`,
    defaultValue: byDefault,
  });
  // The first column says what a row is: it stays.
  const isShown = (name: string) => name === all[0]?.name || shown.includes(name);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are what isShown looks at.
  const columns = useMemo(() => all.filter(({ name }) => isShown(name)), [all, shown]);
  return {
    density: density in rowHeight ? density : "comfortable",
    setDensity,
    columns,
    isShown,
    toggle: (name) =>
      setShown(isShown(name) ? shown.filter((one) => one !== name) : [...shown, name]),
  };
}
