import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { ListDeclaration } from "./declaration.ts";
import type { Pages } from "./pages.ts";
import type { Selection } from "./selection.ts";

/** How far Page Up and Page Down go. */
const PAGE = 15;

const MENU = "[aria-haspopup=menu]";
const OPEN_MENU = `${MENU}[aria-expanded=true]`;

type Parts<R extends { id: string }> = {
  list: ListDeclaration<R>;
  pages: Pages<R>;
  selection: Selection<R>;
  frame: RefObject<HTMLElement | null>;
  onSelectAll: () => void;
};

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  j: 1,
  k: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Moves through the rows of a grid, opens them, chooses them, all from the keyboard. */
export function useGridKeys<R extends { id: string }>(parts: Parts<R>) {
  const { list, pages, selection, frame, onSelectAll } = parts;
  const navigate = useNavigate();
  const [active, setActive] = useState(0);
  /** Where the keyboard goes as soon as it can. */
  const wanted = useRef<number>(undefined);
  const scrollTo = useRef<(index: number) => void>(() => undefined);

  function go(index: number) {
    const to = Math.max(0, Math.min(pages.length - 1, index));
    setActive(to);
    scrollTo.current(to);
    wanted.current = to;
  }

  // A row is in the document only after it was scrolled to, and perhaps read.
  useEffect(() => {
    const line = frame.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (!line) return;
    wanted.current = undefined;
    const { activeElement } = document;
    const isElsewhere = activeElement !== document.body && !frame.current?.contains(activeElement);
    if (!isElsewhere) line.focus({ preventScroll: true });
  });

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const target = event.target as HTMLElement;
    const line = target.closest<HTMLElement>("[data-index]");
    const row = line && pages.at(Number(line.dataset.index));
    // As long as a menu is open the keys are the menu's, wherever the focus still is.
    if (!row || target.closest("[role=menu]") || line.querySelector(OPEN_MENU)) return;
    const onRow = target === line;
    const step = steps[event.key];
    if (step !== undefined && !event.altKey) {
      if (event.shiftKey && Math.abs(step) === 1) selection.add([row]);
      go(Number(line.dataset.index) + step);
    } else if (event.key === "Enter" && onRow) navigate(list.link(row) as never);
    else if ((event.key === " " || event.key === "x") && onRow && list.actions.length > 0)
      selection.toggle(row);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey) && list.actions.length > 0)
      onSelectAll();
    else if (event.key === "Escape" && selection.rows.length > 0) selection.clear();
    else if (
      event.key === "." ||
      event.key === "ContextMenu" ||
      (event.key === "F10" && event.shiftKey)
    ) {
      // A menu closes at a key that is pressed outside of it: it must not hear of this one.
      event.stopPropagation();
      line.querySelector<HTMLElement>(MENU)?.click();
    } else return;
    event.preventDefault();
  }

  return { active, setActive, scrollTo, onKeyDown };
}
