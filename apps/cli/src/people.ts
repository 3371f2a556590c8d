import type { EventStore } from "@daybook/adapters";
import { type Actor, isErased, streamName, user } from "@daybook/domain";
import { shortId } from "./describe.ts";
import { safe } from "./text.ts";

/** Names held in memory; a log that is followed for weeks may name more people than that. */
const NAMES_MAX = 10_000;

export type People = {
  /** The person's username, "erased", or the end of an id that no person has (yet). */
  named: (id: string) => Promise<string>;
  /** Who acted: a person by username, a program or a part of the system by its own name. */
  acting: (actor: Actor) => Promise<string>;
};

/** Reads the names of people out of the log itself, which is there without any read model. */
export function openPeople(events: EventStore): People {
  const names = new Map<string, string>();

  async function read(id: string): Promise<string | undefined> {
    const options = { types: ["UserCreated"], limit: 1 };
    for await (const { data } of events.readStream(streamName(user, id), options))
      return isErased(data.username) ? "erased" : safe(String(data.username));
    return undefined;
  }

  async function named(id: string): Promise<string> {
    const name = names.get(id) ?? (await read(id));
    // Whoever is not there may come: claims are taken just before the person is made.
    if (name === undefined) return safe(shortId(id));
    if (names.size >= NAMES_MAX) names.clear();
    names.set(id, name);
    return name;
  }

  return {
    named,
    acting: async ({ kind, id }) =>
      kind === "user" ? named(id) : `${safe(shortId(id))} (${safe(kind)})`,
  };
}
