import { useEffect, useState } from "react";

/** How many dialogs stand over the panels of the page. */
let open = 0;

/** Whether Escape is meant for a dialog, and not for the panel behind it. */
export const isCovered = (): boolean => open > 0;

/** Where the keyboard is: of a menu that goes, the button that it belongs to. */
function focused(): HTMLElement | null {
  const active = document.activeElement as HTMLElement | null;
  const button = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return button ? document.getElementById(button) : active;
}

/** After what the dialog has changed is drawn, and a panel that closed with it has done the same. */
const AFTERWARDS_MS = 50;

function giveBack(to: HTMLElement | null, isLast = false): void {
  setTimeout(() => {
    if (open > 0 || document.activeElement !== document.body) return;
    if (to?.isConnected) to.focus({ preventScroll: true });
    else if (!isLast) giveBack(document.getElementById("main"), true);
  }, AFTERWARDS_MS);
}

/**
 * For a dialog that is on the page only while it is open: when it goes, the keyboard is where it was
 * before, or at the start of the page if that is gone too.
 */
export function useDialog(): void {
  const [before] = useState(focused);
  useEffect(() => {
    open++;
    return () => {
      open--;
      giveBack(before);
    };
  }, [before]);
}
