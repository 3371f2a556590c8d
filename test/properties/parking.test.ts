import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import {
  add,
  balancesOf,
  installations,
  opened,
  ownersOf,
  paid,
  plainFold,
  settled,
  stored,
  turn,
} from "./read-models.ts";

const place = temporaryFolder();
const { install, start, runToEnd } = installations(place);

describe("parking", () => {
  const unlucky = balancesOf((row, amount) => {
    if (amount === 13) throw new Error("thirteen");
    return add(row, amount);
  });

  async function parked() {
    const installation = await install();
    const { events } = installation;
    await events.append("account-1", "none", [opened(), paid(1), paid(13), paid(5)]);
    await events.append("account-2", "none", [opened(), paid(2)]);
    return installation;
  }

  test("a fold that throws parks its document, and the others go on", async () => {
    const installation = await parked();
    const { runner } = await start(installation, [unlucky, ownersOf()]);
    await settled(installation, runner);
    await installation.events.append("account-1", "any", [paid(6)]);
    await installation.events.append("account-2", "any", [paid(3)]);
    await settled(installation, runner);

    const found = await stored(installation, unlucky, ["1", "2"]);
    expect(found).toMatchObject({ "1": { payments: [1] }, "2": { payments: [2, 3] } });
    const [balances, owners] = runner.status();
    expect(balances).toMatchObject({ state: "live", position: await installation.events.head() });
    expect(balances?.parked).toMatchObject([
      { document: "1", position: 3, type: "Paid", error: "thirteen" },
    ]);
    expect(owners?.parked).toEqual([]);
    expect(runner.restarts()).toBe(0);
  });

  test("a program that still throws keeps it parked where it was", async () => {
    const installation = await parked();
    await runToEnd(installation, [unlucky]);
    await installation.events.append("account-1", "any", [paid(6)]);
    const { runner } = await runToEnd(installation, [unlucky]);
    expect(await stored(installation, unlucky, ["1"])).toMatchObject({ "1": { payments: [1] } });
    expect(runner.status()[0]?.parked).toMatchObject([{ document: "1", position: 3 }]);
  });

  test("a mended program takes it up where it stopped, also what came meanwhile", async () => {
    const installation = await parked();
    await runToEnd(installation, [unlucky]);
    await installation.events.append("account-1", "any", [paid(6)]);
    const mended = balancesOf();
    const { runner } = await runToEnd(installation, [mended]);
    expect(await stored(installation, mended, ["1", "2"])).toEqual(
      await plainFold(installation, mended),
    );
    expect(runner.status()[0]?.parked).toEqual([]);
    // And it stays mended: nothing is left that a later start would take up again.
    const again = await runToEnd(installation, [mended]);
    expect(again.runner.status()[0]?.parked).toEqual([]);
  });
});

// Inline projections too: one poisoned stream must not hold up sign-in for everybody else.
test("a fold of an inline projection that throws holds up no other document", async () => {
  const unlucky = balancesOf(
    (row, amount) => {
      if (amount === 13) throw new Error("thirteen");
      return add(row, amount);
    },
    { inline: true },
  );
  const installation = await install();
  const { events } = installation;
  await events.append("account-1", "none", [opened(), paid(13)]);
  const { position } = await events.append("account-2", "none", [opened(), paid(2)]);
  const { runner, views, errors } = await start(installation, [unlucky, ownersOf()]);
  await views.waitFor("owners", position, 30_000);
  while (errors.length === 0 && runner.status()[0]?.state !== "live") await turn();
  expect(errors).toEqual([]);
  expect(await stored(installation, unlucky, ["2"])).toMatchObject({ "2": { total: 2 } });
  expect(runner.status()[0]?.parked).toMatchObject([{ document: "1", error: "thirteen" }]);
});
