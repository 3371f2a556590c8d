import { useAddress } from "./address.ts";

/**
 * What is open beside a page, as its address says it under a name: a link to it opens it, and the way
 * back closes it.
 */
export function useOpened(name: string) {
  const [address, change] = useAddress();
  return {
    opened: address[name],
    open: (what: string) => change({ [name]: what }, { replace: false }),
    close: () => change({ [name]: undefined }, { ignoreBlocker: true }),
  };
}

/** Whether this one of a page's panels is open. */
export function usePanel(panel: string) {
  const { opened, open, close } = useOpened("panel");
  return { opened: opened === panel, open: () => open(panel), close };
}
