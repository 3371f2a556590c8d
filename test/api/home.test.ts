import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openApp } from "@daybook/application";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { mailServer } from "../support/mail-server.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { differencesFromLog } from "../support/verified.ts";
import { listen } from "./live-reader.ts";
import { browserOf, make } from "./people.ts";

const HOUR_MS = 3_600_000;

let mails: Awaited<ReturnType<typeof mailServer>>;
let server: TestServer;
let admin: Connection;
let logId: string;

async function start(env: Record<string, string>) {
  server = await startServer({ SMTP_URL: mails.url, ...env });
}
async function signInAs(password: string) {
  admin = connect(server.url);
  logId = (await admin.signIn("admin", password))?.logId ?? "";
}
beforeAll(async () => {
  mails = await mailServer();
  await start({});
  await signInAs(server.password);
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
  await mails.close();
});

/** From now on the administrator reads nothing older than this. */
const see = ({ position }: { position: number }) => admin.see(logId, position);

const overview = (hours = 24) => admin.client.home.overview.query({ hours });
type Overview = Awaited<ReturnType<typeof overview>>;

const totals = ({ signIns }: Overview) => {
  const total = (outcome: "succeeded" | "failed" | "refused") =>
    signIns?.reduce((sum, hour) => sum + hour[outcome], 0) ?? -1;
  return { succeeded: total("succeeded"), failed: total("failed"), refused: total("refused") };
};

/** Once no mail is on its way any more. */
const settled = () =>
  eventually(async () => {
    const found = await overview();
    return found.mail?.pending === 0 ? found : undefined;
  });

describe("the home page counts", () => {
  test("people, as they come, go and come back", async () => {
    const before = (await overview()).people ?? expect.fail();
    const [made, other] = [await make(admin), await make(admin)];
    see(other);
    const { active, inactive } = { ...before, active: before.active + 2 };
    expect((await overview()).people).toEqual({ active, inactive });
    see(await admin.client.people.deactivate.mutate({ ...command({}), id: made.id }));
    expect((await overview()).people).toEqual({ active: active - 1, inactive: inactive + 1 });
    const role = { ...command({ role: "auditor" as const }), id: other.id };
    see(await admin.client.people.changeRole.mutate(role));
    see(await admin.client.people.reactivate.mutate({ ...command({}), id: made.id }));
    expect((await overview()).people).toEqual({ active, inactive });
    const listed = await admin.client.people.list.query({ status: "active" });
    expect(listed.count).toBe(active);
  });

  test("sign-ins by their outcome, and no guesses at names that nobody has", async () => {
    const made = await make(admin);
    const before = totals(await overview());
    const browser = await browserOf(server, made);
    for (const name of [made.username, made.email, "nobody.at.all"])
      for (let time = 0; time < 2; time++)
        expect(await refusal(connect(server.url).signIn(name, "a wrong guess"))).toBe(
          "sign-in/failed",
        );
    await browser.signIn(made.username, made.password);
    // Six wrong guesses in a row are one too many: what follows is refused, which is recorded once.
    for (let time = 0; time < 7; time++)
      await refusal(connect(server.url).signIn(made.username, "a wrong guess"));
    const phone = { ...command({ phone: "" }), id: made.id };
    see(await admin.client.people.changePhone.mutate(phone));
    const { succeeded, failed, refused } = totals(await overview());
    expect(succeeded - before.succeeded).toBe(2);
    expect(failed - before.failed).toBe(4 + 5);
    expect(refused - before.refused).toBe(1);
  });

  test("mails, by whether they were sent", async () => {
    const { mail: before = expect.fail() } = await settled();
    await make(admin, { generated: true });
    see(await admin.client.mail.test.mutate(command({})));
    const { mail: after } = await settled();
    expect(after).toEqual({ ...before, sent: (before?.sent ?? 0) + 2 });
    mails.replies({ at: "to", code: 550 });
    see(await admin.client.mail.test.mutate(command({})));
    const { mail: failed } = await settled();
    mails.replies(undefined);
    expect(failed).toEqual({ ...after, failed: (before?.failed ?? 0) + 1 });
  });

  // The web draws what it is given: an hour left out would bend the axis.
  test("every hour up to the current one, oldest first", async () => {
    for (const hours of [1, 24, 168]) {
      const from = Math.floor(Date.now() / HOUR_MS);
      const { signIns } = await overview(hours);
      const to = Math.floor(Date.now() / HOUR_MS);
      const starts = signIns?.map(({ at }) => Date.parse(at) / HOUR_MS) ?? [];
      const last = starts.at(-1) ?? 0;
      expect(starts).toEqual(Array.from({ length: hours }, (_, n) => last - hours + 1 + n));
      expect(last).toBeGreaterThanOrEqual(from);
      expect(last).toBeLessThanOrEqual(to);
    }
    const { signIns } = await overview(168);
    expect(signIns?.[0]).toMatchObject({ succeeded: 0, failed: 0, refused: 0 });
    for (const hours of [0, 169, 1.5]) expect(await refusal(overview(hours))).toBe("input/invalid");
  });

  test("how far the read models are", async () => {
    const found = await eventually(async () => {
      const { projections } = await overview();
      return projections?.every(({ behind }) => behind === 0) ? projections : undefined;
    });
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["people", "history", "headcounts", "sign-in-hours", "mail-counts"]),
    );
    for (const { state, parked } of found)
      expect({ state, parked }).toEqual({
        ...{ state: "live", parked: 0 },
      });
  });
});

test("the home page is told live when its counts change", async () => {
  const live = await listen(server.url, admin.cookie());
  await live.until(({ event }) => event === "connected");
  const { username } = await make(admin, { generated: true });
  await refusal(connect(server.url).signIn(username, "a wrong guess"));
  for (const name of ["headcounts", "mail-counts", "sign-in-hours"])
    await live.until(({ data }) => name in ((data as { changes?: object }).changes ?? {}));
  live.close();
  expect(live.status).toBe(200);
});

test("the home page shows to each role what it may read", async () => {
  const auditor = await browserOf(server, await make(admin, { role: "auditor" }));
  const audited = await auditor.client.home.overview.query({});
  expect(Object.values(audited)).not.toContain(null);
  expect(audited.signIns).toHaveLength(24);
  const member = await browserOf(server, await make(admin));
  const nothing = { people: null, signIns: null, mail: null, projections: null };
  expect(await member.client.home.overview.query({})).toEqual(nothing);
  expect(await refusal(connect(server.url).client.home.overview.query({}))).toBe(
    "session/required",
  );
});

// What is counted event by event must not depend on when it was folded, or in which batches.
test("the home page counts the same when it is built again from the log", async () => {
  const { people, mail, ...before } = await settled();
  const { data, password } = server;
  const env = { DAYBOOK_DATA: data, SMTP_URL: mails.url };
  await server.end();
  for (const file of ["views.db", "views.db-wal", "views.db-shm"])
    await rm(join(data, file), { force: true });
  await start(env);
  await signInAs(password);
  const after = await overview();
  expect({ people: after.people, mail: after.mail }).toEqual({ people, mail });
  const { succeeded, ...others } = totals({ people, mail, ...before });
  expect(totals(after)).toEqual({ ...others, succeeded: succeeded + 1 });
  await server.end();
  const app = await openApp({ data, key: undefined }, () => new Date());
  expect(await differencesFromLog(app)).toEqual([]);
  await app.close();
  await start(env);
});
