import { type ClaimHold, type Erased, userEvents } from "@daybook/domain";
import { defineProjection, type Row } from "../kernel/index.ts";

/** Who a person is and how they prove it: what sign-in and every signed-in request read. */
export type AccountRow = Row & {
  username: string | Erased;
  email: string | Erased;
  firstName: string | Erased;
  lastName: string | Erased;
  phone: string | Erased;
  emailClaim: ClaimHold;
  usernameClaim: ClaimHold;
  credential: string;
  hash: string | Erased;
  mustChangePassword: boolean;
  /** When a temporary password ends. */
  expiresAt: string | undefined;
  revision: number;
};

type Credential = { credential: string; hash: string | Erased };

const withPassword = (
  row: AccountRow,
  { credential, hash }: Credential,
  revision: number,
  temporary?: { until: string | undefined },
): AccountRow => ({
  ...row,
  credential,
  hash,
  mustChangePassword: temporary !== undefined,
  expiresAt: temporary?.until,
  revision,
});

export const accounts = defineProjection<AccountRow>()({
  name: "accounts",
  version: 1,
  inline: true,
  events: userEvents,
  start: {
    UserCreated: ({ homeRole: _, ...data }, { id, organization, revision }) => ({
      ...data,
      id,
      organization,
      credential: "",
      hash: "",
      mustChangePassword: false,
      expiresAt: undefined,
      revision,
    }),
  },
  on: {
    UserEmailChanged: (row, { email, claim }, { revision }) => ({
      ...row,
      email,
      emailClaim: claim,
      revision,
    }),
    UserRenamed: (row, names, { revision }) => ({ ...row, ...names, revision }),
    UserPhoneChanged: (row, { phone }, { revision }) => ({ ...row, phone, revision }),
    PasswordAssigned: (row, data, { revision }) =>
      withPassword(row, data, revision, data.temporary ? { until: data.expiresAt } : undefined),
    PasswordReset: (row, data, { revision }) =>
      withPassword(row, data, revision, { until: data.expiresAt }),
    PasswordChanged: (row, data, { revision }) => withPassword(row, data, revision),
    PasswordRecovered: (row, data, { revision }) => withPassword(row, data, revision),
  },
});
