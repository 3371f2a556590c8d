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
      // What it has changed on the page is drawn by then.
      setTimeout(() => {
        if (open > 0 || document.activeElement !== document.body) return;
        const to = before?.isConnected ? before : document.getElementById("main");
        to?.focus({ preventScroll: true });
      });
    };
  }, [before]);
}
