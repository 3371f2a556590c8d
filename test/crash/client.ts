import { isDeepStrictEqual } from "node:util";
import type { Role } from "@daybook/domain";
import { type Connection, command, connect } from "../support/client.ts";
import { openAsker } from "./asking.ts";
import { type Installation, PASSWORD } from "./installation.ts";
import { type Journal, type Kind, leaves, type Person } from "./journal.ts";

type Api = Connection["client"];
type Answer = { position: number };
type Asking<D> = { commandId: string; id: string; data: D };
export type Identity = Omit<Person["shown"], "status">;

/** More links within an hour are not mailed. */
const LINKS_MAX = 3;
/** Tries that a kill cut off count as guesses: after so many in a row the person has to wait. */
const TRIES_MAX = 5;

/** What a command may be refused for when nothing is wrong: a value that somebody else has. */
const mayBe: Partial<Record<Kind, readonly string[]>> = {
  create: ["user/email-taken", "user/username-taken"],
  changeEmail: ["user/email-taken"],
  // The list may be older than what the same client has asked for before.
  sendAgain: ["mail/under-way"],
};

/**
 * A client with a session of its own. It waits for the answer to each command, whatever becomes of the
 * server meanwhile, and writes it down.
 */
export async function openClient(place: Installation, journal: Journal, name: string) {
  const { untilAnswered, once } = openAsker(place);
  const signedIn = await untilAnswered((connection) => connection.signIn(name, PASSWORD));
  const logId = signedIn.answer?.logId;
  if (!logId) throw new Error(`${name} could not sign in: ${signedIn.refused}`);
  /** As far as this client has seen: it must be shown nothing older. */
  let seen = 0;

  async function ask<T>(
    kind: Kind,
    { commandId, data }: { commandId: string; data: object },
    send: (client: Api) => Promise<T>,
    left: readonly string[] = leaves[kind],
  ): Promise<T | undefined> {
    const { answer, refused } = await untilAnswered(({ client }) => send(client));
    const asked = { kind, commandId, data: data as Record<string, unknown> };
    journal.asked.push({ ...asked, left: refused ? [] : left, refused });
    if (refused && !mayBe[kind]?.includes(refused))
      journal.contradictions.push(`${kind} ${commandId} was refused: ${refused}`);
    return answer;
  }

  /** A change of one person, who is shown with it from its answer on. */
  async function change<D extends object>(
    kind: Kind,
    { id, shown }: Person,
    data: D,
    send: (client: Api, asking: Asking<D>) => Promise<Answer>,
    change: Partial<Person["shown"]> = data,
  ): Promise<void> {
    const asking = { ...command(data), id };
    const answer = await ask(kind, asking, (client) => send(client, asking));
    if (!answer) return;
    seen = answer.position;
    Object.assign(shown, change);
  }

  return {
    create: async (identity: Identity) => {
      const asking = command(identity);
      const answer = await ask("create", asking, ({ people }) => people.create.mutate(asking));
      if (!answer) return undefined;
      seen = answer.position;
      const person: Person = {
        id: answer.user,
        shown: { ...identity, status: "active" },
        password: answer.temporaryPassword ?? "",
        links: 0,
        tries: 0,
      };
      journal.people.push(person);
      return person;
    },
    /** Asks for a person, and never comes back to it: whatever a kill has cut off stays so. */
    createAndForget: async (identity: Identity) => {
      const asking = command(identity);
      const { commandId, data } = asking;
      journal.asked.push({ kind: "create", commandId, data, left: leaves.create, forgotten: true });
      await once(({ client }) => client.people.create.mutate(asking));
    },
    rename: (person: Person, firstName: string, lastName: string) =>
      change("rename", person, { firstName, lastName }, ({ people }, asking) =>
        people.rename.mutate(asking),
      ),
    changePhone: (person: Person, phone: string) =>
      change("changePhone", person, { phone }, ({ people }, asking) =>
        people.changePhone.mutate(asking),
      ),
    changeEmail: (person: Person, email: string) =>
      change("changeEmail", person, { email }, ({ people }, asking) =>
        people.changeEmail.mutate(asking),
      ),
    changeRole: (person: Person, role: Role) =>
      change("changeRole", person, { role }, ({ people }, asking) =>
        people.changeRole.mutate(asking),
      ),
    deactivate: (person: Person) =>
      change("deactivate", person, {}, ({ people }, asking) => people.deactivate.mutate(asking), {
        status: "inactive",
      }),
    reactivate: (person: Person) =>
      change("reactivate", person, {}, ({ people }, asking) => people.reactivate.mutate(asking), {
        status: "active",
      }),
    resetPassword: (person: Person) =>
      change("resetPassword", person, {}, async ({ people }, asking) => {
        const answer = await people.resetPassword.mutate(asking);
        Object.assign(person, { password: answer.temporaryPassword, tries: 0 });
        return answer;
      }),
    requestLink: async (person: Person) => {
      const asking = command({ email: person.shown.email });
      const left = person.links++ < LINKS_MAX ? leaves.requestLink : [];
      await ask(
        "requestLink",
        asking,
        ({ session }) => session.requestPasswordReset.mutate(asking),
        left,
      );
    },
    /** Has a mail of theirs sent again, and tells whether there is one that was sent. */
    sendAgain: async ({ id, shown }: Person) => {
      const filter = { search: shown.email, status: "sent" } as const;
      const { answer } = await untilAnswered(({ client }) => client.mail.list.query(filter));
      const sent = answer?.rows.find(({ subject }) => subject === id);
      if (!sent) return false;
      const asking = { ...command({}), id: sent.id };
      await ask("sendAgain", asking, ({ mail }) => mail.sendAgain.mutate(asking));
      return true;
    },
    /** Signs in as the person, with the password that was answered last. */
    signIn: async (person: Person) => {
      const { id, shown, password } = person;
      const { answer, refused } = await untilAnswered((_, url) => {
        person.tries++;
        return connect(url).client.session.signIn.mutate({ name: shown.username, password });
      });
      if (answer) {
        journal.signIns.push({ user: id, position: answer.position });
        person.tries = 0;
      } else if (person.tries <= TRIES_MAX)
        journal.contradictions.push(`${shown.username} could not sign in: ${refused}`);
    },
    /** Looks at the person: what was answered last must show. */
    look: async ({ id, shown }: Person) => {
      const { answer } = await untilAnswered((connection) => {
        connection.see(logId, seen);
        return connection.client.people.get.query({ id });
      });
      const fields = Object.keys(shown) as (keyof typeof shown)[];
      const found = answer && Object.fromEntries(fields.map((field) => [field, answer[field]]));
      if (!isDeepStrictEqual(found, shown))
        journal.contradictions.push(
          `${id} shows ${JSON.stringify(found)}, after ${JSON.stringify(shown)} was answered`,
        );
    },
    /** Asks for what only administrators may do. */
    overreach: async ({ id }: Person) => {
      const asking = { ...command({ firstName: "Not", lastName: "Allowed" }), id };
      const { refused } = await untilAnswered(({ client }) => client.people.rename.mutate(asking));
      const { commandId, data } = asking;
      journal.asked.push({ kind: "rename", commandId, data, left: [], refused });
      if (refused !== "session/forbidden")
        journal.contradictions.push(`an auditor's renaming was answered with ${refused}`);
    },
    /** Mails that wait, or whose attempt is not over. */
    pendingMail: async () => {
      const lists = await Promise.all(
        (["waiting", "sending"] as const).map((status) =>
          untilAnswered(({ client }) => client.mail.list.query({ status, limit: 200 })),
        ),
      );
      return lists.flatMap(({ answer }) => answer?.rows ?? []);
    },
  };
}

export type Client = Awaited<ReturnType<typeof openClient>>;
