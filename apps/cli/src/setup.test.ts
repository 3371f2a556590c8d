import { existsSync } from "node:fs";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { openApp, signIn } from "@daybook/application";
import { v7 as newId } from "uuid";
import { expect, test } from "vitest";
import { Interrupted } from "./failure.ts";
import { asking } from "./prompt.ts";
import { newData, run, setUpAda, start } from "./run.fixture.ts";
import { runSetUp } from "./setup.ts";

const now = () => new Date();

async function canSignIn(data: string, name: string, password: string): Promise<boolean> {
  const app = await openApp({ data, key: undefined }, now);
  try {
    const envelope = { commandId: newId(), actor: { kind: "system", id: "test" } } as const;
    await signIn(app, { name, password }, envelope);
    return true;
  } catch {
    return false;
  } finally {
    await app.close();
  }
}

const eventsOf = async (data: string) =>
  (await run(data, ["events", "--limit", "all", "--format", "jsonl"])).stdout.split("\n").length -
  1;

test("the first run makes the administrator, and shows a password that works", async () => {
  const data = newData();
  const { code, stdout, stderr } = await setUpAda(data);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toContain("Northwind Trading (home)");
  expect(stdout).toContain("The password was generated, and this command does not show it again");
  const password = /^Password +(\S+)$/m.exec(stdout)?.[1] as string;
  expect(await canSignIn(data, "ada", password)).toBe(true);
});

test("a second run says who the administrator is, and changes nothing", async () => {
  const data = newData();
  await setUpAda(data);
  const before = await eventsOf(data);
  for (const args of [["setup"], ["setup", "--email", "eve@northwind.example"]]) {
    const { code, stdout, stderr } = await run(data, args);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Daybook was already set up in .+: the administrator of home is ada\./);
    expect(stdout).not.toContain("Password");
  }
  expect(await eventsOf(data)).toBe(before);
});

test("two runs at once make one administrator", async () => {
  const data = newData();
  const runs = await Promise.all([setUpAda(data), setUpAda(data)]);
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  const { stdout } = await run(data, ["events", "--stream", "user-", "--format", "jsonl"]);
  expect(stdout.match(/"type":"UserCreated"/g)).toHaveLength(1);
});

test("without a terminal only the e-mail address has to be given", async () => {
  const data = newData();
  const { code, stdout } = await run(data, ["setup", "--email", " Ada@Northwind.example "]);
  expect(code).toBe(0);
  expect(stdout).toContain("Home (home)");
  expect(stdout).toContain("admin, ada@northwind.example");
});

test.each([
  [["--username", "ada"], "--email is missing"],
  [["--email", "nope"], "--email: Enter an e-mail address such as name@example.com"],
  [["--email", "a@b.example", "--username", "a b"], "--username: 3 to 64 letters"],
  [["--email", "a@b.example", "--first-name", " "], "--first-name: Enter a name"],
  [["--email", "a@b.example", "--organization", "a\u001b[31m"], "--organization: No control"],
])("setup %j is refused before anything is made", async (args, says) => {
  const data = newData();
  const { code, stdout, stderr } = await run(data, ["setup", ...args]);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^daybook: [^\n]+\n$/);
  expect(stderr).toContain(says);
  expect(existsSync(data)).toBe(false);
});

const withPassword = (data: string, input: string) =>
  run(data, ["setup", "--email", "ada@northwind.example", "--password-stdin"], { input });

test("a password can be given on standard input, and is not shown", async () => {
  const data = newData();
  const { code, stdout } = await withPassword(data, "correct horse battery\n");
  expect(code).toBe(0);
  expect(stdout).not.toContain("assword");
  expect(stdout).not.toContain("correct horse");
  expect(await canSignIn(data, "admin", "correct horse battery")).toBe(true);
});

test.each([
  ["that is short", "short\n", "At least 12 characters"],
  ["that is empty", "", "At least 12 characters"],
  ["of two lines", "one line and\nanother\n", "one line"],
  ["that does not end", "x".repeat(100_000), "one line"],
  ["with a name in it", "northwind-2026", "too close to the names"],
  ["of one letter", "aaaaaaaaaaaaaaaa", "pattern"],
])("a password %s is refused before anything is made", async (_, input, says) => {
  const data = newData();
  const { code, stderr } = await withPassword(data, input);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^daybook: [^\n]+\n$/);
  expect(stderr).toContain(says);
  expect(existsSync(data)).toBe(false);
});

test("it works beside a process that has the folder open", async () => {
  const data = newData();
  await setUpAda(data);
  const other = start(data, ["events", "--follow"]);
  await other.shows("MemberAdded");
  expect((await setUpAda(data)).code).toBe(0);
});

/** A terminal whose person answers with these lines; a key alone is pressed without Enter. */
function terminal(...answers: string[]) {
  const input = new PassThrough();
  const screen = new PassThrough();
  let shown = "";
  screen.on("data", (text) => {
    shown += text;
    if (!stripVTControlCharacters(String(text)).endsWith(": ")) return;
    const answer = answers.shift() ?? "\u0004";
    setImmediate(() => input.write(answer < " " ? answer : `${answer.trimEnd()}\r`));
  });
  return {
    ask: <T>(use: Parameters<typeof asking<T>>[2]) => asking(input, screen, use),
    shown: () => shown,
  };
}

async function setUpAt(data: string, { ask }: ReturnType<typeof terminal>) {
  let written = "";
  const write = async (text: string) => {
    written += text;
  };
  const config = { data, key: undefined };
  const output = { write, room: () => undefined };
  await runSetUp(
    { username: "ada" },
    { config, now, output, asking: ask, readLine: async () => "" },
  );
  return written;
}

test("a terminal is asked for what is missing, again where the answer is refused", async () => {
  const data = newData();
  const at = terminal("Northwind Trading", "nope", "ada@northwind.example", " ", " ");
  const written = await setUpAt(data, at);
  expect(written).toContain("Northwind Trading (home)");
  expect(written).toContain("ada, ada@northwind.example");
  expect(at.shown()).toContain("Enter an e-mail address such as name@example.com.");
  expect(at.shown()).not.toContain("Username");
});

test.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s at a question ends it before anything is made", async (_, key) => {
  const data = newData();
  await expect(setUpAt(data, terminal("Northwind", key))).rejects.toThrow(Interrupted);
  expect(existsSync(data)).toBe(false);
});
