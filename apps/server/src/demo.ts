import {
  type App,
  createPerson,
  deriveId,
  type Envelope,
  readAccount,
  type SetUp,
  setUp,
} from "@daybook/application";
import { membership, membershipId, type Role } from "@daybook/domain";

/** A made-up company: enough people to page, filter and search among. */
const names = [
  "Ada Lovelace",
  "Grace Hopper",
  "Alan Turing",
  "Katherine Johnson",
  "Edsger Dijkstra",
  "Barbara Liskov",
  "Donald Knuth",
  "Margaret Hamilton",
  "Tim Berners-Lee",
  "Radia Perlman",
  "Dennis Ritchie",
  "Frances Allen",
  "Ken Thompson",
  "Hedy Lamarr",
  "John Backus",
  "Mary Jackson",
  "Niklaus Wirth",
  "Dorothy Vaughan",
  "Tony Hoare",
  "Shafi Goldwasser",
  "Leslie Lamport",
  "Adele Goldberg",
  "Vint Cerf",
  "Annie Easley",
  "Robin Milner",
  "Karen Spärck Jones",
  "Peter Naur",
  "Evelyn Boyd Granville",
  "Jim Gray",
  "Lynn Conway",
];

const code = "demo";

const usernameOf = (name: string): string =>
  name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ".");

const roleOf = (index: number): Role =>
  index === 0 ? "administrator" : index % 10 === 7 ? "auditor" : "member";

/** Whether this installation is, or was being, filled with the demonstration. */
export const isDemo = (setup: SetUp | undefined): boolean => setup?.code === code;

/** Whether the log is empty, or begins with the demonstration, whose set-up may have been cut off. */
export async function isForDemo({ events }: App): Promise<boolean> {
  for await (const { data } of events.readAll({ limit: 1 })) return data.code === code;
  return true;
}

/** Makes the organization and its administrator: the first thing in an empty log. */
export const setUpDemo = (app: App): Promise<SetUp> =>
  setUp(
    app,
    { code, name: "Northwind Trading (demonstration)" },
    {
      username: "admin",
      email: "admin@northwind.example",
      firstName: "Robin",
      lastName: "Sommer",
    },
  );

/**
 * Fills the organization with people, through the product's own commands. Their ids derive from the
 * organization's: cut off in the middle, the next start goes on.
 */
export async function fillDemo(app: App, { organization, user }: SetUp): Promise<void> {
  const commandIdOf = (step: string) => deriveId(organization, "demo", step);
  // Whoever is made last is there: so is everybody else.
  const last = deriveId(commandIdOf(names.at(-1) ?? ""), "user");
  if (await readAccount(app, last)) return;
  const envelope = (step: string): Envelope => ({
    commandId: commandIdOf(step),
    actor: { kind: "user", id: user },
    organization,
    ip: "127.0.0.1",
    userAgent: "demonstration",
  });
  for (const [index, name] of names.entries()) {
    const [firstName = "", ...rest] = name.split(" ");
    const username = usernameOf(name);
    const person = await createPerson(
      app,
      {
        username,
        email: `${username}@northwind.example`,
        firstName,
        lastName: rest.join(" "),
        phone: `+44 20 7946 0${String(100 + index)}`,
        role: roleOf(index),
      },
      envelope(name),
    );
    if (index % 9 !== 8) continue;
    await app.execute(
      membership,
      membershipId(organization, person.user),
      { type: "DeactivateMember", data: {} },
      { ...envelope(`${name} leaves`), subject: person.user, reason: "Left the company" },
    );
  }
}
