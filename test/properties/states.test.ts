import {
  type DocumentStore,
  type EventStore,
  openSqliteDocuments,
  openSqliteEventStore,
} from "@daybook/adapters";
import {
  createCommandPath,
  type Execute,
  type InlineViews,
  openViews,
  streamStates,
} from "@daybook/application";
import { catalogueOf, conflict, defineDecider } from "@daybook/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../support/folder.ts";

type Till = { total: number; taken: readonly number[] };

/** Refuses, does nothing, or records one event or two: whatever a command can lead to. */
const till = defineDecider<Till>()({
  stream: "till",
  commands: { Take: z.object({ amount: z.int() }) },
  events: { Taken: z.object({ amount: z.int() }), Emptied: z.object({}) },
  initial: { total: 0, taken: [] },
  decide: {
    Take({ total }, { amount }) {
      if (amount < 0) throw conflict("till/negative");
      if (amount === 0) return [];
      const taken = { type: "Taken", data: { amount } } as const;
      return total + amount > 100 ? [{ type: "Emptied", data: {} }, taken] : [taken];
    },
  },
  evolve: {
    Taken: ({ total, taken }, { amount }) => ({
      total: total + amount,
      taken: [...taken, amount].slice(-20),
    }),
    Emptied: (state) => ({ ...state, total: 0 }),
  },
});
const catalogue = catalogueOf([till]);

let ids = 0;
/** Ids as clients make them, in the order of their time. */
const newId = () => `019b7a2c-6c00-7000-8000-${(++ids).toString(16).padStart(12, "0")}`;

const envelope = (commandId: string) => ({
  commandId,
  actor: { kind: "system", id: "test" } as const,
  organization: "acme",
});

const noInlineViews: InlineViews = { bringUp: async () => {} };

type Program = { execute: Execute; states: ReturnType<typeof streamStates> };

describe("the states that commands decide on", () => {
  const place = temporaryFolder();

  async function stores(): Promise<{ events: EventStore; documents: DocumentStore }> {
    const events = await place.opened(openSqliteEventStore(place.file(`events-${newId()}.db`)));
    const documents = await place.opened(
      openSqliteDocuments(place.file(`views-${newId()}.db`), "NORMAL"),
    );
    await openViews(events, documents, []);
    return { events, documents };
  }

  /** A process that begins with nothing in memory. */
  function begin({ events, documents }: Awaited<ReturnType<typeof stores>>): Program {
    const states = streamStates(events, documents);
    const now = () => new Date("2026-01-01T12:00:00.000Z");
    return {
      states,
      execute: createCommandPath(events, states, noInlineViews, catalogue, now),
    };
  }

  const take = ({ execute }: Program, amount: number, commandId = newId()) =>
    execute(till, "1", { type: "Take", data: { amount } }, envelope(commandId));

  async function plainFold(events: EventStore): Promise<{ state: Till; revision: number }> {
    let state = till.initial;
    let revision = -1;
    for await (const event of events.readStream("till-1")) {
      const evolve = till.evolve[event.type as "Taken"];
      state = evolve(state, event.data as { amount: number }, event.meta);
      revision = event.revision;
    }
    return { state, revision };
  }

  // From memory, from a snapshot or from the stream, by one process or two: a decision must not see
  // the difference.
  test("are those of the stream, after any commands, restarts and retries by two processes", async () => {
    const step = fc.record({
      by: fc.nat(1),
      amount: fc.integer({ min: -1, max: 60 }),
      times: fc.constantFrom(1, 1, 1, 30, 110),
      restarts: fc.boolean(),
      repeats: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const installation = await stores();
        const programs = [begin(installation), begin(installation)];
        const done: { id: string; amount: number }[] = [];
        for (const { by, amount, times, restarts, repeats } of steps) {
          if (restarts) programs[by] = begin(installation);
          const program = programs[by] as Program;
          for (let time = 0; time < times; time++) {
            const id = newId();
            const outcome = await take(program, amount, id).catch(() => undefined);
            expect(outcome === undefined).toBe(amount < 0);
            if (outcome && outcome.events.length > 0) done.push({ id, amount });
          }
          const old = done[Math.floor(done.length / 3)];
          if (repeats && old)
            expect(await take(program, old.amount, old.id)).toMatchObject({ repeated: true });
          const { state, revision } = await plainFold(installation.events);
          const known = await program.states.load(till, "1");
          expect({ state: known.state, revision: known.revision }).toEqual({ state, revision });
        }
        const commands = new Set<string>();
        for await (const { meta, type } of installation.events.readStream("till-1"))
          if (type === "Taken") {
            expect(commands.has(meta.commandId)).toBe(false);
            commands.add(meta.commandId);
          }
        expect(commands.size).toBe(done.length);
      }),
      { numRuns: 8 },
    );
  });

  test("a command far back is recognized after a restart", async () => {
    const installation = await stores();
    const program = begin(installation);
    const first = newId();
    await take(program, 1, first);
    for (let more = 0; more < 300; more++) await take(program, 1);
    expect(await take(program, 1, first)).toMatchObject({ repeated: true, revision: 303 });
    expect(await take(begin(installation), 1, first)).toMatchObject({ repeated: true });
  });

  test("are not read from the start again, but from the last snapshot", async () => {
    const installation = await stores();
    const program = begin(installation);
    for (let more = 0; more < 250; more++) await take(program, 1);
    const read: number[] = [];
    const { events } = installation;
    const watched: EventStore = {
      ...events,
      readStream: async function* (stream, options) {
        for await (const event of events.readStream(stream, options)) {
          read.push(event.revision);
          yield event;
        }
      },
    };
    const again = begin({ ...installation, events: watched });
    await take(again, 1);
    expect(read.length).toBeGreaterThan(0);
    expect(read.length).toBeLessThan(110);
  });

  // An older copy of the log may be restored under the snapshots of a newer one.
  test("a snapshot of events that the log does not hold is passed over", async () => {
    const first = await stores();
    const program = begin(first);
    for (let more = 0; more < 150; more++) await take(program, 2);
    const other = await stores();
    const { events } = other;
    const restored = { events, documents: first.documents };
    for (let more = 0; more < 120; more++) await take(begin(other), 1);
    const { state } = await begin(restored).states.load(till, "1");
    expect(state).toEqual((await plainFold(events)).state);
  });

  test("a snapshot of another version of the decider is passed over", async () => {
    const installation = await stores();
    for (let more = 0; more < 150; more++) await take(begin(installation), 1);
    const Taken = (state: Till) => ({ ...state, total: state.total - 1 });
    const changed = { ...till, version: 2, evolve: { ...till.evolve, Taken } };
    const states = streamStates(installation.events, installation.documents);
    const { state } = await states.load(changed, "1");
    expect((state as Till).total).toBeLessThan(0);
  });

  // Retention deletes what is old, and the stream goes on at the revision it had.
  test("a stream whose events are all deleted goes on", async () => {
    const installation = await stores();
    await take(begin(installation), 1);
    await installation.events.deleteBefore("till", new Date("2026-02-01"));
    expect(await take(begin(installation), 1)).toMatchObject({ revision: 1, repeated: false });
  });

  test("an append that another process made with the same command is recognized", async () => {
    const installation = await stores();
    const [one, other] = [begin(installation), begin(installation)];
    await take(one, 1);
    await take(other, 1);
    const id = newId();
    // Both hold the state of now, and none has seen the other's append when it makes its own.
    const outcomes = await Promise.all([take(one, 5, id), take(other, 5, id)]);
    expect(outcomes.map(({ repeated }) => repeated).sort()).toEqual([false, true]);
    expect((await plainFold(installation.events)).revision).toBe(2);
  });
});
