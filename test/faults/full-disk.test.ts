import { join } from "node:path";
import { expect, test } from "vitest";
import { type Connection, command, connect, personNamed, refusal } from "../support/client.ts";
import { limitFiles, mountDisk } from "../support/disk.ts";
import { eventually } from "../support/eventually.ts";
import { dataFolder, removeFolder, startServer, type TestServer } from "../support/server.ts";

/** How many people are made while nothing can be written; each is refused. */
const REFUSED = 8;

const readiness = async ({ url }: TestServer) => {
  const response = await fetch(`${url}/health/ready`);
  return { code: response.status, report: (await response.json()) as { status: string } };
};

const usernames = async ({ client }: Connection) =>
  (await client.people.list.query({ search: "tester", limit: 200 })).rows.map(
    ({ username }) => username,
  );

/** What must hold while the disk is full, and after: nothing answered is lost, nothing refused is there. */
async function livesThrough(server: TestServer, fill: () => unknown, free: () => unknown) {
  const ada = connect(server.url);
  const me = await ada.signIn("admin", server.password);
  const create = (name: string) => ada.client.people.create.mutate(command(personNamed(name)));
  const before = await create("before");
  ada.see(me?.logId ?? "", before.position);
  expect(await usernames(ada)).toEqual(["before"]);

  await fill();
  const kept: string[] = ["before"];
  const refused: string[] = [];
  // What little room is left may take some; from the first refusal on, each is refused likewise.
  for (let made = 0; refused.length < REFUSED; made++) {
    const name = `full-${made}`;
    const code = await refusal(create(name)).catch(() => undefined);
    if (code === undefined) kept.push(name);
    else refused.push(code);
    if (made > 2000) throw new Error("the disk does not fill");
  }
  expect(new Set(refused)).toEqual(new Set(["store/unavailable"]));
  expect(await usernames(ada)).toContain("before");
  const full = await readiness(server);
  expect(full).toMatchObject({ code: 503, report: { status: "unavailable" } });
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);

  await free();
  const after = await eventually(async () => create("after").catch(() => undefined));
  ada.see(me?.logId ?? "", after.position);
  await eventually(async () => ((await readiness(server)).code === 200 ? true : undefined));
  const there = await eventually(async () => usernames(ada).catch(() => undefined));
  expect(there).toEqual(expect.arrayContaining([...kept, "after"]));
}

test("a full disk refuses commands, and nothing else, until there is room again", async ({
  skip,
}) => {
  const folder = await dataFolder();
  const disk = mountDisk(join(folder, "disk"), 16_384);
  if (!disk) return skip("this machine lets nobody mount a disk");
  const server = await startServer({ DAYBOOK_DATA: join(folder, "disk/data") });
  try {
    await livesThrough(server, disk.fill, disk.free);
    expect(await server.end()).toBe(0);
    const again = await startServer({ DAYBOOK_DATA: server.data });
    expect(again.output()).not.toMatch(/^daybook: /m);
    await again.end();
  } finally {
    await server.end("SIGKILL");
    disk.unmount();
    await removeFolder(folder);
  }
});

test("files that may not grow do the same", async () => {
  const server = await startServer();
  const pid = server.process.pid ?? 0;
  try {
    await livesThrough(
      server,
      () => expect(limitFiles(pid, 4096)).toBe(true),
      () => limitFiles(pid, "unlimited"),
    );
  } finally {
    await server.end("SIGKILL");
    await removeFolder(server.data);
  }
});
