import fc from "fast-check";
import {
  lookAtHistory,
  lookAtHistoryPages,
  lookAtList,
  lookAtMails,
  lookAtMe,
  lookAtPerson,
} from "./look.ts";
import { browser, idOf, pick, sender, step } from "./step.ts";

/** Queries by anybody, also by those who may not, or whose organization it is not. */

/** Starts of names, usernames and addresses, in other letters too, and what nobody is called. */
export const SEARCHES = [
  ...["ada", " ZOE ", "zoë", "o'n", "van dyke a", "李", "User.1", "BOX1", "first.2@mail", "%"],
];

const listing = fc.record(
  {
    search: fc.constantFrom(...SEARCHES),
    status: fc.constantFrom("active", "inactive"),
    role: fc.constantFrom("administrator", "auditor", "member"),
    sort: fc.constantFrom("name", "created", "lastSignIn"),
    order: fc.constantFrom("ascending", "descending"),
  },
  { requiredKeys: [] },
);

const limit = fc.integer({ min: 1, max: 5 });

const list = step("list", fc.record({ sender, listing, limit }), (world, given) =>
  lookAtList(world, given.sender, given.listing, given.limit),
);

const me = step("me", browser, lookAtMe);

const get = step("get", fc.record({ sender, pick }), (world, { sender, pick }) =>
  lookAtPerson(world, sender, idOf(world.model, pick)),
);

const history = step("history", fc.record({ sender, pick, limit }), async (world, given) => {
  const id = idOf(world.model, given.pick);
  await lookAtHistory(world, given.sender, id);
  await lookAtHistoryPages(world, given.sender, id, given.limit);
});

const mails = step("mails", fc.record({ sender, limit }), (world, { sender, limit }) =>
  lookAtMails(world, sender, limit),
);

export const looks = fc.oneof(list, me, get, history, mails);
