import { collectionOf } from "@daybook/application";
import { catalogueOf } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { newEvent } from "../support/events.ts";
import { temporaryFolder } from "../support/folder.ts";
import {
  account,
  balancesOf,
  closed,
  door,
  installations,
  knocksOf,
  opened,
  paid,
  plainFold,
  stored,
} from "./read-models.ts";

const place = temporaryFolder();
const { install, runToEnd } = installations(place);

describe("an event type that the program does not know", () => {
  const { Closed: _, ...older } = account.events;
  const olderCatalogue = catalogueOf([{ ...account, events: older }, door]);
  const balances = { ...balancesOf(), events: older };

  async function withUnknown() {
    const installation = await install();
    const { events } = installation;
    await events.append("account-1", "none", [opened(), paid(1)]);
    await events.append("account-1", 1, [closed()]);
    await events.append("account-2", "none", [opened(), paid(2)]);
    await events.append("door-1", "none", [newEvent("Knocked", { by: "grace" })]);
    return installation;
  }

  // Skipping it would leave documents wrong for ever, without anybody noticing.
  test("stops the projection before it, and shows", async () => {
    const installation = await withUnknown();
    const { runner, errors, views } = await runToEnd(installation, [balances], olderCatalogue);
    const stopped = { position: 3, type: "Closed" };
    expect(runner.status()).toMatchObject([{ state: "stopped", position: 2, stopped }]);
    expect(await views.checkpoint(collectionOf(balances))).toMatchObject({ position: 2, stopped });
    expect(String(errors[0])).toContain("balances stops at Closed");
    const found = await stored(installation, balances, ["1", "2"]);
    expect(found).toMatchObject({ "1": { total: 1 } });
    expect(Object.keys(found)).toEqual(["1"]);
  });

  test("does not stop a projection of other categories", async () => {
    const installation = await withUnknown();
    const projections = [balances, knocksOf()];
    const { runner } = await runToEnd(installation, projections, olderCatalogue);
    expect(runner.status()).toMatchObject([{ state: "stopped" }, { state: "live" }]);
    expect(await stored(installation, knocksOf(), ["1"])).toMatchObject({ "1": { count: 1 } });
  });

  test("of a category that is unknown too stops all of them", async () => {
    const installation = await withUnknown();
    await installation.events.append("window-1", "none", [newEvent("Broken", {})]);
    const { runner } = await runToEnd(installation, [knocksOf()], olderCatalogue);
    expect(runner.status()).toMatchObject([{ state: "stopped", stopped: { type: "Broken" } }]);
  });

  test("is folded by a program that knows it, which goes on from there", async () => {
    const installation = await withUnknown();
    await runToEnd(installation, [balances], olderCatalogue);
    const newer = balancesOf();
    const { runner, views } = await runToEnd(installation, [newer]);
    expect(runner.status()).toMatchObject([{ state: "live", stopped: undefined }]);
    expect((await views.checkpoint(collectionOf(newer)))?.stopped).toBeUndefined();
    const expected = await plainFold(installation, newer);
    expect(await stored(installation, newer, ["1", "2"])).toEqual(expected);
    expect(expected).toMatchObject({ "1": null, "2": { total: 2 } });
  });

  test("keeps a new version from replacing the one that serves", async () => {
    const installation = await withUnknown();
    await runToEnd(installation, [balancesOf()]);
    const next = { ...balances, version: 2 };
    const { views } = await runToEnd(installation, [next], olderCatalogue);
    expect(views.serving("balances")).toBe("balances-1");
    expect(await installation.documents.collections()).toContain("balances-1");
  });
});
