import {
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { openApp } from "@daybook/application";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, connect, personNamed } from "../support/client.ts";
import {
  documentsIn,
  rebuiltDocuments,
  removeDatabase,
  replaceDatabase,
  serve,
} from "../support/installation.ts";
import { dataFolder, launch, removeFolder, startServer } from "../support/server.ts";

/** Another installation of the same program; then ours, as it was stopped, and later killed. */
let other = "";
let stopped = "";
let killed = "";
let heads = { stopped: 0, killed: 0 };
let folder = "";
let copies = 0;

beforeAll(async () => {
  folder = await dataFolder();
  other = join(folder, "other");
  stopped = join(folder, "stopped");
  killed = join(folder, "killed");
  for (const [data, rounds] of [
    [other, 1],
    [killed, 2],
  ] as const)
    for (let round = 0; round < rounds; round++) {
      const server = await startServer({ DAYBOOK_DATA: data });
      const admin = connect(server.url);
      await admin.signIn("admin", server.password);
      for (const name of ["one", "two", "three"])
        await admin.client.people.create.mutate(command(personNamed(`${name}-${round}`)));
      await server.end(round === 0 ? "SIGTERM" : "SIGKILL");
      if (data === killed && round === 0) cpSync(killed, stopped, { recursive: true });
    }
  heads = {
    stopped: (await serve(copyOf(stopped))).head,
    killed: (await serve(copyOf(killed))).head,
  };
  expect(heads.killed).toBeGreaterThan(heads.stopped);
}, 120_000);
afterAll(() => removeFolder(folder));

function copyOf(data: string): string {
  const copy = join(folder, `copy-${++copies}`);
  cpSync(data, copy, { recursive: true });
  return copy;
}

/** Over many pages, since some are not in use. */
async function scribble(file: string, at: number) {
  const handle = await open(file, "r+");
  await handle.write(Buffer.alloc(80_000, "not what was written "), 0, 80_000, at);
  await handle.close();
}

test("a clean stop and a kill leave nothing to report", async () => {
  for (const data of [stopped, killed]) expect((await serve(copyOf(data))).notices).toEqual([]);
});

describe("a start that would lose something is refused, and says what to do", () => {
  const cases: [string, (data: string) => unknown, RegExp, { key?: string }?][] = [
    ["the log is missing", (data) => removeDatabase(data, "events.db"), /events\.db is missing/],
    [
      "the log is empty",
      (data) => {
        removeDatabase(data, "events.db");
        writeFileSync(join(data, "events.db"), "");
      },
      /events\.db is empty/,
    ],
    [
      "the log was emptied beside its write-ahead log",
      (data) => truncateSync(join(data, "events.db")),
      /events\.db is empty or missing/,
    ],
    [
      "the log is another's",
      (data) => replaceDatabase(data, "events.db", other),
      /events\.db is not the log that .*state\.db belongs to/,
    ],
    ["the keys are missing", (data) => removeDatabase(data, "state.db"), /state\.db is missing/],
    [
      "the keys are empty",
      (data) => {
        removeDatabase(data, "state.db");
        writeFileSync(join(data, "state.db"), "");
      },
      /state\.db is empty/,
    ],
    [
      "the keys are another's",
      (data) => replaceDatabase(data, "state.db", other),
      /sealed under another server key/,
    ],
    [
      "the keys are of an older copy",
      (data) => replaceDatabase(data, "state.db", stopped),
      /state\.db has lost keys/,
    ],
    [
      "the server's key is missing",
      (data) => rmSync(join(data, "server.key")),
      /server\.key is missing/,
    ],
    [
      "the server's key is another",
      () => {},
      /sealed under another server key/,
      { key: Buffer.alloc(32, 1).toString("base64") },
    ],
    [
      "the log is cut off",
      (data) => {
        replaceDatabase(data, "events.db", stopped);
        truncateSync(join(data, "events.db"), statSync(join(data, "events.db")).size - 1000);
      },
      /events\.db is cut off: 1000 bytes are missing/,
    ],
    [
      "the log is cut off, and its write-ahead log does not hold the rest",
      (data) => truncateSync(join(data, "events.db"), 3 * 4096),
      /events\.db is damaged/,
    ],
    [
      "the log is no database",
      (data) => {
        removeDatabase(data, "events.db");
        writeFileSync(join(data, "events.db"), "damaged ".repeat(1000));
      },
      /events\.db is no database/,
    ],
    [
      "a restore was cut off",
      (data) => mkdirSync(join(data, "restoring")),
      /a restore into .* was cut off/,
    ],
  ];
  test.each(cases)("%s", async (_, damage, says, config = {}) => {
    const data = copyOf(killed);
    damage(data);
    await expect(serve(data, config.key)).rejects.toThrow(says);
    // The refusal itself makes nothing that a second start would take for the installation.
    await expect(serve(data, config.key)).rejects.toThrow(says);
  });
});

describe("read models are built again", () => {
  async function recovers(data: string, says: RegExp) {
    const { notices } = await serve(data);
    expect(notices.join("\n")).toMatch(says);
    expect(documentsIn(data)).toEqual(await rebuiltDocuments(data));
  }

  test.each([
    ["in its header", 0],
    ["in the middle", 100_000],
  ])("where their file is damaged %s", async (_, at) => {
    const data = copyOf(stopped);
    await scribble(join(data, "views.db"), at);
    await recovers(data, /views\.db was damaged: the read models are built again/);
  });

  test("where their file is cut off", async () => {
    const data = copyOf(stopped);
    truncateSync(join(data, "views.db"), 50_000);
    await recovers(data, /views\.db was damaged/);
  });

  // Positions are given again by the shorter log: what was folded from the lost ones must not stay.
  test("where an older copy of the log was put under them", async () => {
    const data = copyOf(killed);
    replaceDatabase(data, "events.db", stopped);
    const says = `ends at position ${heads.stopped}, and read models had come to \\d+: an older copy`;
    await recovers(data, new RegExp(says));
  });

  test("where the end of the log was cut off", async () => {
    const data = copyOf(killed);
    const wal = join(data, "events.db-wal");
    truncateSync(wal, statSync(wal).size / 2);
    await recovers(data, /events\.db-wal was cut off.*\n.*the read models are built again/);
  });

  test("where the whole end of the log is gone", async () => {
    const data = copyOf(killed);
    rmSync(join(data, "events.db-wal"));
    await recovers(data, /events\.db-wal was cut off.*\n.*the read models are built again/);
  });
});

// A session that was ended last would come back with the end of its file.
test("sessions are ended where the end of their file was cut off", async () => {
  const data = copyOf(stopped);
  const app = await openApp({ data, key: undefined }, () => new Date());
  const nowhere = { ip: undefined, userAgent: undefined };
  const opened = { organization: "", credential: "", openedAt: Date.now(), ...nowhere };
  const token = await app.sessions.open("ada", opened);
  const copy = copyOf(data);
  const whole = copyOf(data);
  await app.close();
  const wal = join(copy, "state.db-wal");
  truncateSync(wal, statSync(wal).size - 1);
  for (const [folder, there] of [
    [whole, true],
    [copy, false],
  ] as const) {
    const again = await openApp({ data: folder, key: undefined }, () => new Date());
    expect((await again.sessions.peek(token)) !== undefined).toBe(there);
    await again.close();
  }
});

/** Whatever is cut off where: the start is refused in a line, or what is served is what the log says. */
test("after any cut", async () => {
  const files = readdirSync(killed).filter((name) => statSync(join(killed, name)).size > 0);
  const cut = fc.record({
    name: fc.constantFrom(...files.filter((name) => name !== "mailbox")),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  });
  await fc.assert(
    fc.asyncProperty(cut, async ({ name, at }) => {
      const data = copyOf(killed);
      const file = join(data, name);
      truncateSync(file, Math.floor(at * statSync(file).size));
      const served = await serve(data).catch((error: Error) => error);
      if (served instanceof Error) {
        expect(served.name).toBe("DamagedFile");
        expect(served.message).not.toContain("\n");
      } else {
        const { head, notices } = served;
        if (head < heads.killed) expect(notices).not.toEqual([]);
        expect(documentsIn(data)).toEqual(await rebuiltDocuments(data));
      }
      rmSync(data, { recursive: true });
    }),
    { numRuns: 20, endOnFailure: true },
  );
}, 240_000);

describe("the server", () => {
  async function start(data: string, account = {}) {
    const { child, exited, output } = await launch({ PORT: "0", DAYBOOK_DATA: data }, account);
    child.kill("SIGTERM");
    return { code: await exited, said: output() };
  }

  test("refuses in one line, with exit code 1", async () => {
    const data = copyOf(stopped);
    truncateSync(join(data, "state.db"), 5000);
    const { code, said } = await start(data);
    expect(said).toMatch(/^daybook: .*state\.db is cut off: \d+ bytes are missing: [^\n]+\n$/);
    expect(code).toBe(1);
  });

  test("says what it has mended, and runs", async () => {
    const data = copyOf(stopped);
    truncateSync(join(data, "views.db"), 5000);
    const { code, said } = await start(data);
    expect(said).toMatch(/^daybook: .*views\.db was damaged: .*\nDaybook is running at /);
    expect(code).toBe(0);
  });
});
