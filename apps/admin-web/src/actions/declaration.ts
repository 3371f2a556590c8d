import type { Permission } from "@daybook/domain";
import type { ReactNode } from "react";
import type { Me } from "../app/session.ts";

/** What came of it; a password is shown this once. */
export type Outcome = { position: number; temporaryPassword?: string | undefined };

/**
 * Something that can be done about one thing or about many: from a list or from a thing's own page, by
 * the same dialog, which says beforehand what will happen and afterwards what became of each.
 */
export type Action<R> = {
  name: string;
  label: string;
  icon: ReactNode;
  permission: Permission;
  /** Why it cannot be done about this one, as the preview says it; nothing where it can. */
  obstacle?: (row: R, me: Me) => string | undefined;
  danger?: boolean;
  /** What is asked beforehand: of one by its name, of several by their number. */
  title: (of: string) => string;
  /** What will happen. */
  consequence: (of: string) => string;
  /** What is said afterwards. */
  done: (of: string) => string;
  run: (row: R, reason: string | undefined) => Promise<Outcome>;
  /** Takes it back; left out where that cannot be done. */
  undo?: (row: R) => Promise<unknown>;
};
