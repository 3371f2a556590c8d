import { chmod, chown, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../support/client.ts";
import {
  dataFolder,
  launch,
  removeFolder,
  startServer,
  type TestServer,
} from "../support/server.ts";

/** What a start that fails says, and the code it ends with. */
async function failure(env: Record<string, string>, account?: { uid: number }) {
  const { exited, output } = await launch(env, account);
  return { code: await exited, said: output() };
}

describe("a start that cannot work says why in one line", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await dataFolder();
  });
  afterAll(() => removeFolder(folder));

  test.each([
    ["an unknown variable", { DAYBOOK_DATE: "x" }, /DAYBOOK_DATE is not a setting/],
    ["a malformed port", { PORT: "http" }, /^daybook: PORT: /],
    ["a port out of range", { PORT: "70000" }, /^daybook: PORT: /],
    ["a malformed address for mail", { SMTP_URL: "mail.example" }, /^daybook: SMTP_URL: /],
    ["a key that is too short", { DAYBOOK_KEY: "c2hvcnQ=" }, /^daybook: DAYBOOK_KEY: /],
    ["files elsewhere than in a folder", { FILES_URL: "s3://bucket" }, /FILES_URL is set/],
    [
      "an engine's address of another kind",
      { MONGODB_URL: "redis://x" },
      /^daybook: MONGODB_URL: /,
    ],
    [
      "documents that are not there",
      { MONGODB_URL: "mongodb://127.0.0.1:1" },
      /^daybook: MongoDB: /,
    ],
    [
      "a log that is not there",
      { EVENTSTORE_URL: "esdb://127.0.0.1:1?tls=false" },
      /EventStoreDB: /,
    ],
    ["a queue that is not there", { REDIS_URL: "redis://127.0.0.1:1" }, /^daybook: REDIS_URL: /],
    ["a host that is not this machine", { HOST: "192.0.2.1" }, /^daybook: HOST: /],
  ])("%s", async (_, env, expected) => {
    const { code, said } = await failure({ PORT: "0", DAYBOOK_DATA: folder, ...env });
    expect(said).toMatch(expected);
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
  });

  test.each([
    ["without engines of their own", {}, /needs EVENTSTORE_URL and MONGODB_URL/],
    [
      "without a key that all have",
      { EVENTSTORE_URL: "esdb://x", MONGODB_URL: "mongodb://x", SMTP_URL: "smtp://x" },
      /DAYBOOK_KEY is missing/,
    ],
  ])("parts that run apart %s", async (_, env, expected) => {
    for (const role of ["api", "worker"] as const) {
      const data = await dataFolder();
      const { exited, output } = await launch({ PORT: "0", DAYBOOK_DATA: data, ...env }, { role });
      expect(await exited).toBe(1);
      expect(output()).toMatch(expected);
      expect(output().trim().split("\n")).toHaveLength(1);
      await removeFolder(data);
    }
  });

  test("a data folder that is a file", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const { code, said } = await failure({ PORT: "0", DAYBOOK_DATA: file });
    expect(said).toMatch(/^daybook: DAYBOOK_DATA: .* cannot be written/);
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
  });

  // Root may write everything: then the server is started as somebody else.
  test.each([
    ["the folder", ".", /^daybook: DAYBOOK_DATA: .* cannot be written/],
    ["the log", "events.db", /^daybook: .*events\.db cannot be written by this account/],
    ["the keys", "state.db", /^daybook: .*state\.db cannot be written by this account/],
    ["the server's key", "server.key", /^daybook: .*server\.key cannot be read by this account/],
  ])("%s is closed to the account it runs under", async (_, name, expected) => {
    const data = await dataFolder();
    const account = process.getuid?.() === 0 ? { uid: 65_534 } : undefined;
    for (const part of ["events.db", "state.db", "server.key", "."]) {
      if (part !== ".") await writeFile(join(data, part), "");
      if (account) await chown(join(data, part), account.uid, account.uid);
    }
    await chmod(join(data, name), 0o100);
    const { code, said } = await failure({ PORT: "0", DAYBOOK_DATA: data }, account);
    await removeFolder(data);
    expect(said).toMatch(expected);
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
  });

  test("a port in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const { code, said } = await failure({ PORT: String(port), DAYBOOK_DATA: folder });
    other.close();
    expect(said.trim()).toBe(`daybook: PORT: ${port} is in use by another program.`);
    expect(code).toBe(1);
  });
});

describe("a running server", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ DAYBOOK_DEMO: "0" });
  });
  afterAll(() => removeFolder(server.data));

  test("without the demonstration says how to make the first administrator", async () => {
    expect(server.output()).toContain("npx daybook setup");
    expect(await connect(server.url).client.session.me.query()).toBeNull();
  });

  test("keeps a second one off its data", async () => {
    const { code, said } = await failure({ PORT: "0", DAYBOOK_DATA: server.data });
    expect(said.trim()).toBe(`daybook: another server is running on ${server.data}`);
    expect(code).toBe(1);
  });

  test("ends cleanly on SIGTERM, and leaves its data free", async () => {
    expect(await server.end("SIGTERM")).toBe(0);
    const again = await startServer({ DAYBOOK_DATA: server.data });
    expect(await again.end("SIGINT")).toBe(0);
  });
});
