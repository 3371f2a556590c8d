import { copyFile } from "node:fs/promises";
import { openSqliteEventStore } from "@daybook/adapters";
import {
  collectionOf,
  openViews,
  type Runner,
  startRunner,
  type Views,
} from "@daybook/application";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import {
  add,
  balancesOf,
  catalogue,
  closed,
  installations,
  now,
  opened,
  ownersOf,
  paid,
  plainFold,
  range,
  settled,
  stored,
  turn,
} from "./read-models.ts";

const place = temporaryFolder();
const { install, start, runToEnd } = installations(place);

describe("a new version", () => {
  const doubled = (onFold: () => void = () => {}) =>
    balancesOf(
      (row, amount) => {
        onFold();
        return add(row, amount * 2);
      },
      { version: 2 },
    );

  test("is built beside, and serves once it has caught up; then the old one is gone", async () => {
    const installation = await install();
    const { events, documents } = installation;
    for (const of of range(0, 5))
      await events.append(`account-${of}`, "none", [opened(), ...range(0, 20).map(paid)]);
    await runToEnd(installation, [balancesOf(), ownersOf()]);
    const before = await stored(installation, balancesOf(), ["1"]);

    const served = new Set<string>();
    let views: Views | undefined;
    const next = doubled(() => views && served.add(views.serving("balances")));
    views = await openViews(events, documents, [next, ownersOf()]);
    expect(views.serving("balances")).toBe("balances-1");
    expect(await stored(installation, balancesOf(), ["1"])).toEqual(before);
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const parts = { events, documents, views, catalogue, now, onError };
    const runner = await startRunner(parts);
    await settled(installation, runner);
    await runner.stop();

    expect(errors).toEqual([]);
    expect([...served]).toEqual(["balances-1"]);
    expect(views.serving("balances")).toBe("balances-2");
    expect(views.serving("owners")).toBe("owners-1");
    const collections = await documents.collections();
    expect(collections).not.toContain("balances-1");
    expect(collections).toContain("owners-1");
    expect(await stored(installation, next, ["1"])).toEqual({
      "1": (await plainFold(installation, next))["1"],
    });
    const again = await openViews(events, documents, [next, ownersOf()]);
    expect(again.serving("balances")).toBe("balances-2");
    expect(await again.checkpoint(collectionOf(balancesOf()))).toBeUndefined();
  });

  // A stop in the middle must not make half a read model serve, nor delete the whole one.
  test("that is stopped while it is far behind does not serve yet", async () => {
    const installation = await install();
    const { events, documents } = installation;
    await events.append("account-1", "none", [opened()]);
    for (const _ of range(0, 12)) await events.append("account-1", "any", range(0, 1000).map(paid));
    await runToEnd(installation, [balancesOf()]);
    const before = await stored(installation, balancesOf(), ["1"]);

    let runner: Runner | undefined;
    const started = await start(installation, [doubled(() => void runner?.stop())]);
    runner = started.runner;
    while (runner.status()[0]?.position === 0) await turn();
    await runner.stop();
    expect(runner.status()[0]?.position).toBeLessThan(await events.head());
    expect(started.views.serving("balances")).toBe("balances-1");
    expect(await documents.collections()).toContain("balances-1");
    expect(await stored(installation, balancesOf(), ["1"])).toEqual(before);

    const { views } = await runToEnd(installation, [doubled()]);
    expect(views.serving("balances")).toBe("balances-2");
    expect(await stored(installation, doubled(), ["1"])).toEqual(
      await plainFold(installation, doubled()),
    );
  });

  test("leaves another projection alone whose name begins with its own", async () => {
    const installation = await install();
    await installation.events.append("account-1", "none", [opened(), paid(1)]);
    const other = balancesOf(add, { name: "balances-by-owner" });
    await runToEnd(installation, [balancesOf(), other]);
    await runToEnd(installation, [doubled(), other]);
    expect(await installation.documents.collections()).toContain("balances-by-owner-1");
    expect(await stored(installation, other, ["1"])).toMatchObject({ "1": { total: 1 } });
  });

  test("may be an older one again", async () => {
    const installation = await install();
    await installation.events.append("account-1", "none", [opened(), paid(1)]);
    await runToEnd(installation, [doubled()]);
    const { views } = await runToEnd(installation, [balancesOf()]);
    expect(views.serving("balances")).toBe("balances-1");
    expect(await stored(installation, balancesOf(), ["1"])).toMatchObject({ "1": { total: 1 } });
  });
});

describe("documents of another history", () => {
  // Positions of one log mean nothing in another: kept documents would be a mix of both.
  test("of another log are discarded and built again", async () => {
    const one = await install("one");
    const other = await install("other");
    await one.events.append("account-1", "none", [opened("grace"), paid(1), paid(2)]);
    await other.events.append("account-1", "none", [opened("mary"), paid(5)]);
    await runToEnd(one, [balancesOf()]);
    const swapped = { events: other.events, documents: one.documents };
    await runToEnd(swapped, [balancesOf()]);
    expect(await stored(swapped, balancesOf(), ["1"])).toEqual(
      await plainFold(swapped, balancesOf()),
    );
  });

  test("beyond the end of a restored log are discarded and built again", async () => {
    const before = await install();
    await before.events.append("account-1", "none", [opened(), paid(1)]);
    await place.closed(before.events);
    await copyFile(place.file("one-events.db"), place.file("backup.db"));
    const events = await place.opened(openSqliteEventStore(place.file("one-events.db")));
    await events.append("account-1", 1, [paid(2), closed()]);
    await runToEnd({ ...before, events }, [balancesOf()]);
    await place.closed(events);

    await copyFile(place.file("backup.db"), place.file("one-events.db"));
    const restored = {
      ...before,
      events: await place.opened(openSqliteEventStore(place.file("one-events.db"))),
    };
    await runToEnd(restored, [balancesOf()]);
    expect(await stored(restored, balancesOf(), ["1"])).toMatchObject({ "1": { payments: [1] } });
  });
});
