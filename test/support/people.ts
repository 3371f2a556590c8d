import { type App, collectionOf } from "@daybook/application";
import { type PersonRow, people } from "@daybook/projections";

/** A row of the list of people, as no event made it. */
export const personRow = (row: Partial<PersonRow> & Pick<PersonRow, "id">): PersonRow => ({
  organization: "acme",
  username: "",
  email: "",
  firstName: "",
  lastName: "",
  phone: "",
  sortName: "",
  searchFirstName: "",
  searchUsername: "",
  searchEmail: "",
  role: "member",
  status: "active",
  mustChangePassword: false,
  createdAt: "",
  lastSignInAt: "",
  userRevision: 0,
  membershipRevision: 0,
  ...row,
});

/** Puts people into the list without a log. */
export const listPeople = ({ documents }: App, rows: readonly PersonRow[]) =>
  documents.write(
    collectionOf(people),
    rows.map((row) => ({ id: row.id, row, guard: 1, after: undefined })),
  );

/** Takes people out of it again. */
export const unlistPeople = ({ documents }: App, rows: readonly PersonRow[]) =>
  documents.write(
    collectionOf(people),
    rows.map(({ id }) => ({ id, row: null, guard: 2, after: 1 })),
  );
