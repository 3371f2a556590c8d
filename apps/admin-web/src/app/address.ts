import { type LinkProps, useNavigate, useSearch } from "@tanstack/react-router";
import { z } from "zod";

/** What an address says behind the question mark, so that any view can be shared. */
export type Address = Readonly<Record<string, string | undefined>>;

/** Text, and nothing else is passed on; each page takes from it what it knows. */
export const address = z.record(z.string(), z.coerce.string().optional());

/** A link to a page as its address says it, or to this one with something else said. */
export const linkTo = (
  to: LinkProps["to"],
  search: Address | ((before: Address) => Address),
): LinkProps => ({ to, search: search as never });

type How = {
  /** Whether the way back passes over what it was before; it does where nothing is said. */
  replace?: boolean;
  /** Also where something that was entered would be lost. */
  ignoreBlocker?: boolean;
};

/** What the address of this page says, and a way to say something else. */
export function useAddress() {
  const current = useSearch({ strict: false }) as Address;
  const navigate = useNavigate();
  const change = (changes: Address, how?: How) => {
    const link = linkTo(".", (before) => ({ ...before, ...changes }));
    navigate({ ...link, replace: true, ...how } as never);
  };
  return [current, change] as const;
}
