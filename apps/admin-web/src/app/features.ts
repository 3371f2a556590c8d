import { accounts, myAccount } from "../accounts/feature.ts";
import { history } from "../history/feature.ts";
import { home } from "../home/feature.ts";
import { mail } from "../mail/feature.ts";
import type { Feature } from "./feature.ts";

/** Every feature, in the order of the navigation. */
export const features: readonly Feature[] = [home, accounts, history, mail, myAccount];
