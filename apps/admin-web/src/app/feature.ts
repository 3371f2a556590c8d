import type { Permission } from "@daybook/domain";
import type { TablerIcon } from "@tabler/icons-react";
import { type AnyRoute, createRoute, type LinkProps } from "@tanstack/react-router";
import type { ComponentType, ReactNode } from "react";
import type { ReadList } from "../list/declaration.ts";
import type { Address } from "./address.ts";

/** Somewhere to go, or something to begin: what the navigation and the palette offer. */
export type Entry = {
  label: string;
  icon: TablerIcon;
  link: LinkProps;
  permission?: Permission;
  /** The keys that lead there. */
  keys?: string;
};

/** A thing that was found by its name. */
export type Found = { id: string; label: string; description?: ReactNode; link: LinkProps };

/** What one folder adds to the app. */
export type Feature = {
  /** Its place in the navigation; left out where it has none. */
  section?: Entry;
  /** What can be begun from anywhere. */
  actions?: readonly Entry[];
  /** Finds its things by the start of their names, for who may see them. */
  find?: { label: string; permission: Permission; search: Search };
  routes: (parent: AnyRoute) => AnyRoute[];
};

type Search = (text: string, signal: AbortSignal) => Promise<Found[]>;

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    permission?: Permission;
  }
}

type Page = {
  path: string;
  /** Who may see it; everybody who is signed in, where it is left out. */
  permission?: Permission;
  component: ComponentType;
  /** Begins to read what the page shows, as soon as somebody is about to go there. */
  load?: (params: Readonly<Record<string, string>>) => unknown;
  /** The list that it shows: its first rows are read as soon, as the address asks for them. */
  list?: () => Promise<ReadList>;
};

/** A page of a feature, as a route: who may see it is checked by the frame around all of them. */
export const page = (parent: AnyRoute, { path, permission, component, ...ahead }: Page): AnyRoute =>
  createRoute({
    getParentRoute: () => parent,
    path,
    component: component as never,
    loaderDeps: ({ search }) => search as Address,
    // Nobody waits for it: the page shows itself, and what is not there yet as coming.
    loader: ({ params, deps }) => {
      ahead.load?.(params);
      if (ahead.list) prefetch(ahead.list, deps as Address);
    },
    staticData: { ...(permission && { permission }) },
  });

async function prefetch(list: NonNullable<Page["list"]>, address: Address) {
  const [{ prefetchList }, declared] = await Promise.all([import("../list/pages.ts"), list()]);
  await prefetchList(declared, address);
}
