import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import { beforeEach, expect, test, vi } from "vitest";
import { startContainer } from "../support/event-store-db-container.ts";
import { temporaryFolder } from "../support/folder.ts";
import { counted, patience } from "./stores.ts";

const IMAGE = "eventstore/eventstore:24.10.0-bookworm-slim";
const fake = join(import.meta.dirname, "docker.fixture.ts");

// There is no Docker wherever the tests run: what is told to it, and waited for, is tried on another
// program of its name.
const place = temporaryFolder();
beforeEach(() => {
  const [bin, containers] = [place.file("bin"), place.file("containers")];
  for (const folder of [bin, containers]) mkdirSync(folder);
  const docker = join(bin, "docker");
  writeFileSync(docker, `#!/bin/sh\nexec "${process.execPath}" "${fake}" "$@"\n`);
  chmodSync(docker, 0o755);
  vi.stubEnv("PATH", [bin, process.env.PATH].join(delimiter));
  vi.stubEnv("FAKE_DOCKER", containers);
  vi.stubEnv("NODE_NO_WARNINGS", "1");
  return () => vi.unstubAllEnvs();
});

const told = (): string[][] =>
  readFileSync(place.file("containers/told"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const stored = async (url: string) => {
  const store = await place.opened(openEventStoreDb(url, patience));
  return { store, events: await Array.fromAsync(store.readAll()) };
};

test("a container is a log of its own, waited for until it answers, and removed", async () => {
  const [one, other] = [await startContainer(IMAGE), await startContainer(IMAGE)];
  const { store } = await stored(one.url);
  await store.append("till-1", "none", counted(2));
  expect((await stored(one.url)).events).toHaveLength(2);
  expect((await stored(other.url)).events).toEqual([]);

  const [run] = told();
  const [name, port] = [run?.[3] ?? "", new URL(one.url).port];
  expect(name).toMatch(/^daybook-test-/);
  expect(run).toEqual([
    ...["run", "--detach", "--name", name, "--publish", `127.0.0.1:${port}:2113`],
    ...["--env", "EVENTSTORE_INSECURE=true", "--env", "EVENTSTORE_NODE_IP=0.0.0.0"],
    ...["--env", "EVENTSTORE_MEM_DB=true", IMAGE],
  ]);
  await one.close();
  expect(told().at(-1)).toEqual(["rm", "--force", "--volumes", name]);
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  await other.close();
});

test("one that is kept has its log when it was killed and started again, at its address", async () => {
  const kept = await place.opened(startContainer(IMAGE, { kept: true }));
  expect(told()[0]).toContain("EVENTSTORE_MEM_DB=false");
  const { store } = await stored(kept.url);
  await store.append("till-1", "none", counted(3));
  await place.closed(store);
  await kept.kill();
  await expect(openEventStoreDb(kept.url, patience)).rejects.toThrow();
  await kept.start();
  expect((await stored(kept.url)).events).toHaveLength(3);
  const name = told()[0]?.[3];
  expect(told().slice(1)).toEqual([
    ["kill", name],
    ["start", name],
  ]);
});

test("what only the server of the tests does is left out, aloud", async () => {
  const left: string[] = [];
  const unable = async (_: string, what: string) => {
    left.push(what);
    throw new Error("left out");
  };
  const { misbehave, drop, release } = await place.opened(startContainer(IMAGE, { unable }));
  for (const one of [misbehave, drop, release]) await expect(one()).rejects.toThrow("left out");
  expect(left).toEqual(["misbehave as it is told", "drop its readers", "store late appends"]);
});

test("an image that is not there is told of as Docker does", async () => {
  await expect(startContainer("missing/image:1.0.0")).rejects.toThrow("there is no such image");
});
