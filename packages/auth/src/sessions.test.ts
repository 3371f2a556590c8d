import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DocumentStore, openSqliteDocuments } from "@daybook/adapters";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSessions, type Sessions } from "./sessions.ts";

const MINUTE_MS = 60_000;

let folder: string;
let state: DocumentStore;
let sessions: Sessions;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "daybook-sessions-"));
  state = await openSqliteDocuments(join(folder, "state.db"), "FULL");
  sessions = await openSessions(state);
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await state.close();
  await rm(folder, { recursive: true, force: true });
});

const pass = (minutes: number) => vi.setSystemTime(Date.now() + minutes * MINUTE_MS);

const open = () =>
  sessions.open("ada", {
    organization: "acme",
    credential: "credential",
    openedAt: Date.now(),
    ip: undefined,
    userAgent: undefined,
  });

test("a session ends after half an hour without use", async () => {
  const token = await open();
  pass(29);
  expect(await sessions.validate(token)).toMatchObject({ userId: "ada" });
  pass(31);
  expect(await sessions.validate(token)).toBeUndefined();
  pass(-31);
  expect(await sessions.validate(token)).toBeUndefined();
});

test("looking at it does not keep it", async () => {
  const token = await open();
  pass(20);
  expect(await sessions.peek(token)).toMatchObject({ userId: "ada" });
  pass(11);
  expect(await sessions.peek(token)).toBeUndefined();
});

test("however busy, it ends after twelve hours", async () => {
  const token = await open();
  for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
    expect(await sessions.validate(token)).toBeDefined();
    pass(10);
  }
  pass(10);
  expect(await sessions.peek(token)).toBeUndefined();
  expect(await sessions.validate(token)).toBeUndefined();
});

test("only one session ends where only one is ended", async () => {
  const [one, another] = [await open(), await open()];
  await sessions.end(one);
  expect(await sessions.validate(one)).toBeUndefined();
  expect(await sessions.validate(another)).toBeDefined();
});

test("those that have ended are swept away, and no others", async () => {
  const ended = await open();
  pass(25);
  const kept = await open();
  pass(10);
  await sessions.endExpired();
  pass(-10);
  expect(await sessions.peek(ended)).toBeUndefined();
  expect(await sessions.peek(kept)).toBeDefined();
});
