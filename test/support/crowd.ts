import { collectionOf, openApp } from "@daybook/application";
import { type PersonRow, people, searchable } from "@daybook/projections";
import { idOf, nameOf } from "../bench/names.ts";
import { personRow } from "./people.ts";

/** Enough that each flush makes many documents durable. */
const AT_ONCE = 5000;

/** So many people in a list, as no event made them, with whoever was in it before. */
function crowdRow(nth: number, organization: string): PersonRow {
  const { firstName, lastName, username, email } = nameOf(nth);
  return personRow({
    ...{ id: idOf("person", nth), organization, firstName, lastName, username, email },
    sortName: `${searchable(lastName)} ${searchable(firstName)}`,
    searchFirstName: searchable(firstName),
    searchUsername: searchable(username),
    searchEmail: searchable(email),
    // One in a thousand, so that a filter has something to find.
    status: nth % 1000 === 999 ? "inactive" : "active",
    createdAt: new Date(Date.UTC(2026, 0, 1) + nth * 1000).toISOString(),
  });
}

/**
 * Puts many people into the list of an installation that nothing serves, past its log: a projection
 * that has caught up stays where it is. Answers everybody in the list, in its order.
 */
export async function crowd(data: string, count: number): Promise<PersonRow[]> {
  const app = await openApp({ data, key: undefined }, () => new Date());
  try {
    const collection = collectionOf(people);
    const rows: PersonRow[] = [];
    for await (const { row } of app.documents.scan(collection))
      if (row) rows.push(row as PersonRow);
    const organization = rows[0]?.organization ?? "";
    for (let from = 0; from < count; from += AT_ONCE) {
      const made = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) =>
        crowdRow(from + at, organization),
      );
      const writes = made.map((row) => ({ id: row.id, row, guard: 1, after: undefined }));
      await app.documents.write(collection, writes);
      rows.push(...made);
    }
    const key = ({ sortName, id }: PersonRow) => `${sortName}\0${id}`;
    return rows.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
  } finally {
    await app.close();
  }
}
