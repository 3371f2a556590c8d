import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERASED } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { ADDRESS, addresses, at, backups } from "../support/backups.ts";
import { eventually } from "../support/eventually.ts";

const { place, data, open, backUp, restore, twoVisits } = backups();

// An erased person must not come back, from whichever copy of the keys.
describe("who was erased stays erased", () => {
  const ledger = () => join(data(), "erasures.jsonl");

  async function erase(subject: string) {
    const stores = await open();
    await stores.keyring.erase(subject, at);
    await place.closed(stores);
  }
  const restored = async () => addresses(await open());

  test("by the ledger of the folder that is replaced", async () => {
    await twoVisits();
    await backUp();
    await erase("ada");
    expect(await restore()).toMatchObject({ erased: 1 });
    expect(await restored()).toEqual({ ada: ERASED, grace: ADDRESS });
    await expect((await open()).keyring.keyFor("ada")).rejects.toThrow("ada");
  });

  test("by the ledger of the back-up, on a new machine", async () => {
    await twoVisits();
    await erase("ada");
    await backUp();
    rmSync(data(), { recursive: true });
    await restore();
    expect(await restored()).toEqual({ ada: ERASED, grace: ADDRESS });
  });

  test("by a ledger that is given, and once more by what was kept of it", async () => {
    await twoVisits();
    await backUp();
    const given = place.file("saved.jsonl");
    // Made by hand, without a line break at the end.
    writeFileSync(given, JSON.stringify({ subject: "grace", at: at.toISOString() }));
    await restore({ erasures: given });
    expect(await restored()).toEqual({ ada: ADDRESS, grace: ERASED });
    rmSync(given);
    await restore();
    expect(await restored()).toEqual({ ada: ADDRESS, grace: ERASED });
  });

  test("where the process ended between the ledger and the key", async () => {
    await twoVisits();
    writeFileSync(ledger(), `${JSON.stringify({ subject: "ada", at: at.toISOString() })}\n`);
    expect(await restored()).toEqual({ ada: ERASED, grace: ADDRESS });
  });

  test("a line that was cut off names nobody, and is not run into", async () => {
    await twoVisits();
    writeFileSync(ledger(), '{"subject":"ada","at":"2026-');
    expect(await restored()).toEqual({ ada: ADDRESS, grace: ADDRESS });
    await erase("grace");
    expect(readFileSync(ledger(), "utf8")).toBe(
      `${JSON.stringify({ subject: "grace", at: at.toISOString() })}\n`,
    );
  });

  test("a line in the middle that says nothing ends the start", async () => {
    await twoVisits();
    writeFileSync(ledger(), 'nothing\n{"subject":"ada","at":"2026-01-01T12:00:00.000Z"}\n');
    await expect(open()).rejects.toThrow("erasures.jsonl: line 1 is no erasure");
  });

  test("the key is in none of the files any more", async () => {
    await twoVisits();
    const stores = await open();
    const document = await stores.state.get<{ id: string; organization: string; wrapped: string }>(
      "keys",
      "ada",
    );
    const wrapped = String(document?.row?.wrapped);
    const bytes = () =>
      ["state.db", "state.db-wal"]
        .map((name) => readFileSync(join(data(), name), { flag: "a+", encoding: "latin1" }))
        .join();
    expect(bytes()).toContain(wrapped);
    await stores.keyring.erase("ada", at);
    expect(bytes()).not.toContain(wrapped);
  });

  // The other holds the key in memory, and looks at the ledger's size now and then.
  test("soon for another process that has used the key", async () => {
    await twoVisits();
    const [one, another] = [await open(), await open()];
    expect(await addresses(one)).toEqual({ ada: ADDRESS, grace: ADDRESS });
    await another.keyring.erase("ada", at);
    await eventually(async () => (await addresses(one)).ada !== ADDRESS || undefined);
    expect(await addresses(one)).toEqual({ ada: ERASED, grace: ADDRESS });
    await expect(one.keyring.keyFor("ada")).rejects.toThrow("ada");
  });
});
