import type { NewEvent } from "@daybook/adapters";
import type { Runner } from "@daybook/application";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import {
  add,
  balancesOf,
  closed,
  type Installation,
  installations,
  opened,
  ownersOf,
  paid,
  plainFold,
  range,
  stored,
  turn,
} from "./read-models.ts";

const place = temporaryFolder();
const { install, start, runToEnd } = installations(place);

// Exactly once into documents: neither a restart nor a second worker must show.
test("appends, restarts and two runners in any order end as a plain fold does", async () => {
  const projections = [balancesOf(), ownersOf(), balancesOf(add, { name: "now", inline: true })];
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("pay" as const),
        account: fc.nat(5),
        amounts: fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("close" as const), account: fc.nat(5) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom("start" as const, "stop" as const),
        runner: fc.nat(1),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), turns: fc.nat(20) }) },
  );
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      // Two handles on the same files, as two processes have them.
      const name = `run-${runs++}`;
      const handles = [await install(name), await install(name)];
      const [one] = handles as [Installation];
      const running: (Runner | undefined)[] = [undefined, undefined];
      const begun = new Set<number>();
      const appends: Promise<unknown>[] = [];
      const append = (of: number, events: NewEvent[]) => {
        const first = begun.has(of) ? [] : [opened()];
        begun.add(of);
        appends.push(one.events.append(`account-${of}`, "any", [...first, ...events]));
      };
      for (const next of steps) {
        if (next.do === "pay") append(next.account, next.amounts.map(paid));
        if (next.do === "close") append(next.account, [closed(), opened("again")]);
        if (next.do === "start")
          running[next.runner] ??= (
            await start(handles[next.runner] as Installation, projections)
          ).runner;
        if (next.do === "stop") {
          await running[next.runner]?.stop();
          running[next.runner] = undefined;
        }
        if (next.do === "wait") for (const _ of range(0, next.turns)) await turn();
      }
      await Promise.all(appends);
      for (const runner of running) await runner?.stop();
      const { errors } = await runToEnd(one, projections);
      expect(errors).toEqual([]);
      for (const projection of projections) {
        const expected = await plainFold(one, projection);
        const found = await stored(one, projection, Object.keys(expected));
        expect(found, projection.name).toEqual(expected);
      }
      for (const handle of handles) {
        await place.closed(handle.events);
        await place.closed(handle.documents);
      }
    }),
    { numRuns: 10 },
  );
});

test("a person reads what they wrote, once the view has passed its position", async () => {
  const installation = await install();
  const balances = balancesOf();
  const { views, runner } = await start(installation, [balances]);
  for (const amount of range(1, 20)) {
    const expected = amount === 1 ? "none" : amount - 1;
    const { position } = await installation.events.append(
      "account-1",
      expected,
      amount === 1 ? [opened(), paid(1)] : [paid(amount)],
    );
    await views.waitFor("balances", position, 30_000);
    expect(await stored(installation, balances, ["1"])).toMatchObject({
      "1": { payments: range(1, amount + 1) },
    });
  }
  await runner.stop();
  const { position } = await installation.events.append("account-1", "any", [paid(20)]);
  await expect(views.waitFor("balances", position, 5)).rejects.toMatchObject({
    code: "view/behind",
  });
});
