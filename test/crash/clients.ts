import type { Role } from "@daybook/domain";
import type { Random } from "../support/random.ts";
import type { Client, Identity } from "./client.ts";
import type { Person } from "./journal.ts";

const firstNames = ["Ada", "Grace", "Alan", "Barbara", "Tim", "Radia", "Karen", "Jim"] as const;
const lastNames = ["Lovelace", "Hopper", "Turing", "Liskov", "Lee", "Perlman", "Jones"] as const;
const roles: readonly Role[] = ["administrator", "auditor", "member"];
/** Addresses that all clients want. */
const wanted = ["wanted-1", "wanted-2", "wanted-3"].map((name) => `${name}@test.example`);

/** What an administrator does next, drawn from the seed. Each client changes the people it made. */
export function administering(client: Client, random: Random, label: string) {
  const mine: Person[] = [];
  let made = 0;
  let contests = 0;
  const identity = (username: string, email = `${username}@test.example`): Identity => ({
    username,
    email,
    firstName: random.pick(firstNames),
    lastName: random.pick(lastNames),
    phone: "",
    role: random.pick(roles),
  });
  const fresh = () => `${label}.${++made}`;
  const keep = (person: Person | undefined) => person && mine.push(person);
  /** Two at once want one username, and every client wants the same ones. */
  async function contend() {
    const username = `both.${++contests}`;
    const asked = [0, 1].map(() => client.create(identity(username, `${fresh()}@test.example`)));
    for (const person of await Promise.all(asked)) keep(person);
  }
  const others: ((person: Person) => Promise<unknown>)[] = [
    (person) => client.rename(person, random.pick(firstNames), random.pick(lastNames)),
    (person) => client.changePhone(person, `+44 20 7946 0${random.between(100, 999)}`),
    (person) => {
      const email = random.chance(0.6) ? random.pick(wanted) : `${fresh()}@test.example`;
      return client.changeEmail(
        person,
        email === person.shown.email ? `${fresh()}@test.example` : email,
      );
    },
    (person) =>
      client.changeRole(person, random.pick(roles.filter((role) => role !== person.shown.role))),
    (person) =>
      person.shown.status === "active" ? client.deactivate(person) : client.reactivate(person),
    (person) => client.resetPassword(person),
    (person) => client.requestLink(person),
    (person) => client.sendAgain(person),
    (person) =>
      person.shown.status === "active" ? client.signIn(person) : client.reactivate(person),
    (person) => client.look(person),
  ];
  return async (): Promise<void> => {
    const share = random.between(1, 100);
    if (share <= 8) return contend();
    if (share <= 12) return client.createAndForget(identity(fresh()));
    if (share <= 22 || mine.length === 0) {
      keep(await client.create(identity(fresh())));
      return;
    }
    const person = random.pick(mine);
    await random.pick(others)(person);
    if (random.chance(0.2)) await client.look(person);
  };
}

/** What somebody who may only look does next, about people who stay as they are. */
export function auditing(client: Client, random: Random, people: readonly Person[]) {
  const all: ((person: Person) => Promise<unknown>)[] = [
    client.signIn,
    client.requestLink,
    client.overreach,
    client.look,
  ];
  return async (): Promise<void> => {
    await random.pick(all)(random.pick(people));
  };
}
