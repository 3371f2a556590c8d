import { accounts, history, memberships, people } from "./accounts/index.ts";
import { headcounts, mailCounts, signInHours } from "./home/index.ts";
import type { Projection } from "./kernel/index.ts";
import { mails } from "./mail/index.ts";
import { organizations } from "./organizations/index.ts";

export * from "./accounts/index.ts";
export * from "./home/index.ts";
export * from "./kernel/index.ts";
export * from "./mail/index.ts";
export * from "./organizations/index.ts";

/** Every read model of the product. */
export const projections = [
  organizations,
  accounts,
  memberships,
  people,
  history,
  mails,
  headcounts,
  signInHours,
  mailCounts,
] as unknown as readonly Projection[];
