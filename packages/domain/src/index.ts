import { claim, membership, signIn, user } from "./accounts/index.ts";
import { catalogueOf } from "./kernel/index.ts";
import { mail } from "./mail/index.ts";
import { organization } from "./organizations/index.ts";
import { reaction } from "./reactions/index.ts";

export * from "./accounts/index.ts";
export * from "./kernel/index.ts";
export * from "./mail/index.ts";
export * from "./organizations/index.ts";
export * from "./permissions.ts";
export * from "./reactions/index.ts";

/** Every decider of the product: what is not here cannot be recorded. */
export const deciders = [organization, user, membership, claim, signIn, mail, reaction] as const;

export const catalogue = catalogueOf(deciders);
