import {
  type Erased,
  membershipEvents,
  type Role,
  signInEvents,
  userEvents,
} from "@daybook/domain";
import { defineProjection, type Row, searchable } from "../kernel/index.ts";

/** A person as administrators see them, in the list and on the person's page. */
export type PersonRow = Row & {
  username: string | Erased;
  email: string | Erased;
  firstName: string | Erased;
  lastName: string | Erased;
  phone: string | Erased;
  /** What the list is ordered and searched by: last name first, in lower case. */
  sortName: string;
  searchFirstName: string;
  searchUsername: string;
  searchEmail: string;
  role: Role;
  status: "active" | "inactive";
  mustChangePassword: boolean;
  createdAt: string;
  /** Of those that are kept; empty where there is none. */
  lastSignInAt: string;
  /** What edit forms show and send back, so that nobody overwrites what they have not seen. */
  userRevision: number;
  membershipRevision: number;
};

const withKeys = (row: PersonRow): PersonRow => ({
  ...row,
  sortName: `${searchable(row.lastName)} ${searchable(row.firstName)}`,
  searchFirstName: searchable(row.firstName),
  searchUsername: searchable(row.username),
  searchEmail: searchable(row.email),
});

export const people = defineProjection<PersonRow>()({
  name: "people",
  version: 3,
  events: { ...userEvents, ...membershipEvents, ...signInEvents },
  // Membership and sign-in events name the person they are about: all three streams make one row.
  key: ({ meta }) => meta.subject,
  // One index an order serves every filter: a list that leaves status or role open is merged from
  // those of their few values. An index for each of the filters would be four times as many.
  indexes: [
    ["status", "role", "sortName"],
    ["status", "role", "createdAt"],
    ["status", "role", "lastSignInAt"],
    ["status", "role", "searchFirstName"],
    ["status", "role", "searchUsername"],
    ["status", "role", "searchEmail"],
  ],
  start: {
    UserCreated: (
      { username, email, firstName, lastName, phone },
      { id, organization, at, revision },
    ) =>
      withKeys({
        id,
        organization,
        username,
        email,
        firstName,
        lastName,
        phone,
        sortName: "",
        searchFirstName: "",
        searchUsername: "",
        searchEmail: "",
        role: "member",
        status: "active",
        mustChangePassword: false,
        createdAt: at,
        lastSignInAt: "",
        userRevision: revision,
        membershipRevision: -1,
      }),
  },
  on: {
    UserEmailChanged: (row, { email }, { revision }) =>
      withKeys({ ...row, email, userRevision: revision }),
    UserRenamed: (row, names, { revision }) =>
      withKeys({ ...row, ...names, userRevision: revision }),
    UserPhoneChanged: (row, { phone }, { revision }) => ({ ...row, phone, userRevision: revision }),
    ClaimForfeited: (row, _, { revision }) => ({ ...row, userRevision: revision }),
    PasswordAssigned: (row, { temporary }, { revision }) => ({
      ...row,
      mustChangePassword: temporary,
      userRevision: revision,
    }),
    PasswordReset: (row, _, { revision }) => ({
      ...row,
      mustChangePassword: true,
      userRevision: revision,
    }),
    PasswordChanged: (row, _, { revision }) => ({
      ...row,
      mustChangePassword: false,
      userRevision: revision,
    }),
    PasswordResetRequested: (row, _, { revision }) => ({ ...row, userRevision: revision }),
    PasswordRecovered: (row, _, { revision }) => ({
      ...row,
      mustChangePassword: false,
      userRevision: revision,
    }),
    MemberAdded: (row, { role }, { revision }) => ({ ...row, role, membershipRevision: revision }),
    MemberRoleChanged: (row, { role }, { revision }) => ({
      ...row,
      role,
      membershipRevision: revision,
    }),
    MemberDeactivated: (row, _, { revision }) => ({
      ...row,
      status: "inactive",
      membershipRevision: revision,
    }),
    MemberReactivated: (row, _, { revision }) => ({
      ...row,
      status: "active",
      membershipRevision: revision,
    }),
    // The latest, whichever was recorded last: of those that are kept it is still the latest when
    // the older ones are deleted.
    SignInSucceeded: (row, _, { at }) => ({
      ...row,
      lastSignInAt: at > row.lastSignInAt ? at : row.lastSignInAt,
    }),
  },
  forget: (row, before) =>
    row.lastSignInAt && row.lastSignInAt < before ? { ...row, lastSignInAt: "" } : row,
});
