import { type DocumentStore, openSqliteDocuments } from "@daybook/adapters";
import { LEASES, type Share, startShare } from "@daybook/application";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../support/folder.ts";

const place = temporaryFolder();
const BEAT_MS = 40;
const eventually = (look: () => void) => vi.waitFor(look, { timeout: 20_000, interval: 20 });
const pieces = ["accounts", "history", "mails", "memberships", "organizations", "people", "upkeep"];

async function leases(): Promise<DocumentStore> {
  const documents = await place.opened(openSqliteDocuments(place.file("views.db"), "NORMAL"));
  await documents.ensure({ name: LEASES, indexes: [] });
  return documents;
}

/** Who does what at this moment, by what they have really begun and ended. */
function workplace(documents: DocumentStore) {
  const doing = new Map<string, ReadonlySet<string>>();
  const twice: string[] = [];
  const errors: unknown[] = [];
  const shares = new Map<string, Share>();

  function start(worker: string, through = documents, takeMs = 5, known = pieces): Share {
    const share = startShare({
      ...{ documents: through, worker, pieces: known, beatMs: BEAT_MS },
      take: async (mine) => {
        // What is given up ends before it is given on, and what is new begins after.
        doing.set(worker, mine.intersection(doing.get(worker) ?? new Set()));
        await new Promise((resolve) => setTimeout(resolve, takeMs));
        for (const [other, theirs] of doing)
          if (other !== worker) twice.push(...mine.intersection(theirs));
        doing.set(worker, mine);
      },
      onError: (error) => errors.push(error),
    });
    shares.set(worker, share);
    onTestFinished(() => share.stop());
    return share;
  }
  const sizes = () => [...doing.values()].map(({ size }) => size).filter((size) => size > 0);
  const all = () => [...doing.values()].flatMap((mine) => [...mine]).toSorted();
  return { start, shares, doing, sizes, all, twice, errors };
}

test("one worker does everything", async () => {
  const { start, all } = workplace(await leases());
  start("a");
  await eventually(() => expect(all()).toEqual(pieces));
});

test("workers that come share equally, and those that leave hand on, with nothing done twice", async () => {
  const { start, shares, sizes, all, twice, errors } = workplace(await leases());
  for (const worker of ["a", "b", "c", "d"]) start(worker);
  await eventually(() => {
    expect(all()).toEqual(pieces);
    expect(sizes().toSorted()).toEqual([1, 2, 2, 2]);
  });
  await shares.get("b")?.stop();
  await shares.get("c")?.stop();
  await eventually(() => {
    expect(all()).toEqual(pieces);
    expect(sizes().toSorted()).toEqual([3, 4]);
  });
  await shares.get("d")?.stop();
  await eventually(() => expect(sizes()).toEqual([7]));
  expect(twice).toEqual([]);
  expect(errors).toEqual([]);
});

test("a worker that is slow to give up keeps what it has not given up yet", async () => {
  const documents = await leases();
  const { start, all, sizes, twice } = workplace(documents);
  // Slower than it takes to be taken for dead: its counter moves all the same.
  start("slow", documents, BEAT_MS * 10);
  await eventually(() => expect(all()).toEqual(pieces));
  start("other");
  await eventually(() => {
    expect(all()).toEqual(pieces);
    expect(sizes().toSorted()).toEqual([3, 4]);
  });
  expect(twice).toEqual([]);
});

test("who stands still is taken over from, and gives up when it goes on", async () => {
  const documents = await leases();
  let paused: PromiseWithResolvers<void> | undefined;
  // A process that is stopped gets no answers, and goes on in the middle.
  const pausing = new Proxy(documents, {
    get: (target, name: keyof DocumentStore) =>
      name === "find" || name === "write"
        ? async (...given: never[]) => {
            await paused?.promise;
            return (target[name] as (...all: never[]) => unknown)(...given);
          }
        : target[name],
  });
  const { start, doing, errors } = workplace(documents);
  start("a", pausing);
  await eventually(() => expect(doing.get("a")?.size).toBe(pieces.length));
  paused = Promise.withResolvers();
  start("b");
  await eventually(() => expect(doing.get("b")?.size).toBe(pieces.length));
  paused.resolve();
  paused = undefined;
  await eventually(() => {
    expect([doing.get("a")?.size, doing.get("b")?.size].toSorted()).toEqual([3, 4]);
    expect(doing.get("a")?.isDisjointFrom(doing.get("b") ?? new Set())).toBe(true);
  });
  expect(errors).toEqual([]);
});

test("while a new version is rolled out, what only some know to do is done by them", async () => {
  const documents = await leases();
  const { start, shares, all, twice } = workplace(documents);
  const older = [...pieces.filter((piece) => piece !== "people"), "people-1", "people-2"];
  const newer = [...older.filter((piece) => piece !== "people-1"), "people-3"];
  start("old a", documents, 5, older);
  start("old b", documents, 5, older);
  await eventually(() => expect(all()).toEqual(older.toSorted()));
  for (const worker of ["new a", "new b", "new c"]) start(worker, documents, 5, newer);
  await eventually(() => expect(all()).toEqual([...older, "people-3"].toSorted()));
  await shares.get("old a")?.stop();
  await eventually(() => expect(all()).toEqual([...older, "people-3"].toSorted()));
  await shares.get("old b")?.stop();
  await eventually(() => expect(all()).toEqual(newer.toSorted()));
  expect(twice).toEqual([]);
});

test("what fails to end is begun anew when it comes back", async () => {
  const documents = await leases();
  const { start } = workplace(documents);
  let doing: ReadonlySet<string> = new Set();
  let failed = false;
  let other: Share | undefined;
  const share = startShare({
    ...{ documents, worker: "a", pieces, beatMs: BEAT_MS, onError: () => {} },
    take: async (mine) => {
      const isLess = mine.size < doing.size;
      doing = new Set();
      if (isLess && !failed) {
        failed = true;
        // By when this is known, all of it is wanted here again.
        await other?.stop();
        await new Promise((resolve) => setTimeout(resolve, 5 * BEAT_MS));
        throw new Error("the checkpoint cannot be saved");
      }
      doing = mine;
    },
  });
  onTestFinished(() => share.stop());
  await eventually(() => expect(doing.size).toBe(pieces.length));
  other = start("b");
  await eventually(() => expect(failed).toBe(true));
  await eventually(() => expect(doing.size).toBe(pieces.length));
});

test("what fails to begin is tried again", async () => {
  const documents = await leases();
  const errors: unknown[] = [];
  let tries = 0;
  const share = startShare({
    ...{ documents, worker: "a", pieces, beatMs: BEAT_MS },
    take: async () => {
      if (++tries < 3) throw new Error("not yet");
    },
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => share.stop());
  await eventually(() => expect([...share.held()].toSorted()).toEqual(pieces));
  expect(errors).toEqual([new Error("not yet"), new Error("not yet")]);
});
