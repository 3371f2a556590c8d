import { readLocalStorageValue } from "@mantine/hooks";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { tinykeys } from "tinykeys";

export type Shortcut = {
  /** As tinykeys writes them: "g p" is one key after the other, "$mod+k" one with Control or Command. */
  keys: string;
  label: string;
  run: () => void;
};

/** Whether keys without Control do anything (WCAG 2.2, 2.1.4: who dictates must be able to turn them off). */
export const SINGLE_KEYS = "daybook.single-keys";

const whileTyping = "input, textarea, select, [contenteditable], [role=dialog], [role=menu]";

/** A sign may be behind Shift or, for whoever has no American keyboard, behind AltGr. */
const pressed = (keys: string): string =>
  /^[^\w$]$/.test(keys) ? `[Shift]+[Alt]+[Control]+${keys}` : keys;

/** Fields take keys too: which of them are meant for the app is for {@link isMeant} to say. */
const options = { ignore: ({ repeat, isComposing }: KeyboardEvent) => repeat || isComposing };

const isMeant = ({ keys }: Shortcut, { target }: KeyboardEvent): boolean =>
  keys.startsWith("$mod") ||
  (readLocalStorageValue({ key: SINGLE_KEYS, defaultValue: true }) &&
    !(target as HTMLElement | null)?.closest?.(whileTyping));

let active: readonly Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Shortcut[]) {
  active = next;
  for (const listener of listeners) listener();
}

/** Makes keys do something for as long as what asks for it is on the page. */
export function useShortcuts(shortcuts: readonly Shortcut[]) {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const names = shortcuts.map(({ keys, label }) => `${keys} ${label}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what they do is looked up when it is done.
  useEffect(() => {
    const mine = latest.current;
    change([...active, ...mine]);
    const bindings = mine.map((shortcut, at) => [
      pressed(shortcut.keys),
      (event: KeyboardEvent) => {
        if (!isMeant(shortcut, event)) return;
        event.preventDefault();
        latest.current[at]?.run();
      },
    ]);
    const stop = tinykeys(window, Object.fromEntries(bindings), options);
    return () => {
      stop();
      change(active.filter((one) => !mine.includes(one)));
    };
  }, [names]);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Every shortcut that does something now. */
export const useActiveShortcuts = () => useSyncExternalStore(subscribe, () => active);
