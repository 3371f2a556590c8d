import { membershipId, notFound } from "@daybook/domain";
import {
  type AccountRow,
  accounts,
  type MembershipRow,
  memberships,
  type OrganizationRow,
  organizations,
  type Projection,
  type Row,
} from "@daybook/projections";
import type { App } from "../app.ts";

/** Reads of inline projections: in force when the command that changed them has answered. */

async function read<R extends Row>(
  { documents, views }: App,
  projection: Projection<R>,
  id: string,
): Promise<R | undefined> {
  await views.fresh();
  return (await documents.get<R>(views.active(projection), id))?.row ?? undefined;
}

export const readAccount = (app: App, user: string): Promise<AccountRow | undefined> =>
  read(app, accounts, user);

export const readMembership = (
  app: App,
  organization: string,
  user: string,
): Promise<MembershipRow | undefined> => read(app, memberships, membershipId(organization, user));

export const readOrganization = (app: App, id: string): Promise<OrganizationRow | undefined> =>
  read(app, organizations, id);

/** The account of a person whose home is this organization; another's is refused as unknown. */
export async function homeAccount(
  app: App,
  organization: string,
  user: string,
): Promise<AccountRow> {
  const account = await readAccount(app, user);
  if (account?.organization !== organization) throw notFound("user/unknown");
  return account;
}
