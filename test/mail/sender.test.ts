import {
  inProcessQueue,
  type Mailer,
  type Queue,
  StoreUnavailable,
  smtpMailer,
} from "@daybook/adapters";
import {
  type App,
  createPerson,
  defineReaction,
  type Envelope,
  openApp,
  startReactions,
} from "@daybook/application";
import { mail as mailDecider, type RecordedEvent, Refusal, userEvents } from "@daybook/domain";
import type { MailRow } from "@daybook/projections";
import { startWorker, type Worker } from "@daybook/worker";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { bodiesOf, mailServer, messageIdOf } from "../support/mail-server.ts";

const ACME = "019b7a2c-6c00-7000-8000-00000000acee";
const DAY_S = 24 * 3600;

const envelope = (): Envelope => ({
  commandId: v7(),
  actor: { kind: "user", id: "ada" },
  organization: ACME,
});

const grace = {
  username: "grace",
  email: "grace@navy.example",
  firstName: "Grace",
  lastName: "Hopper",
  phone: "",
  role: "member" as const,
};

describe("mail", () => {
  const place = temporaryFolder();
  let clock: number;
  let app: App;
  let server: Awaited<ReturnType<typeof mailServer>>;
  let workers: Worker[];

  const now = () => new Date(clock);
  const pass = (seconds: number) => {
    clock += seconds * 1000;
  };

  beforeEach(async () => {
    clock = Date.now();
    workers = [];
    server = await place.opened(mailServer());
    app = await place.opened(openApp({ data: place.path(), key: undefined }, now));
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    for (const worker of workers) await worker.stop();
  });

  const errors: unknown[] = [];

  /** A worker with a queue and connections of its own, as another process would have. */
  async function work(around = (mailer: Mailer) => mailer, sendMs?: number): Promise<Worker> {
    const onError = (error: unknown) => errors.push(error);
    const mailer = around(
      await place.opened(Promise.resolve(smtpMailer(server.url, "Daybook <daybook@post.example>"))),
    );
    const worker = await startWorker({
      ...{ app, mailer, onError, newId: v7, signInDays: 90 },
      queue: inProcessQueue(now, onError),
      url: () => "https://daybook.example",
      ...(sendMs && { sendMs }),
    });
    workers.push(worker);
    return worker;
  }

  async function restart() {
    await workers.pop()?.stop();
    await work();
  }

  const log = async (): Promise<RecordedEvent[]> =>
    Array.fromAsync(
      app.events.readAll({
        types: ["MailRequested", "MailAttempted", "MailSent", "MailFailed", "MailRepeated"],
      }),
    );

  /** The mail events once there are as many of this type; the tests' own time-out ends the wait. */
  async function recorded(type: string, count = 1): Promise<string[]> {
    for (;;) {
      const events = await log();
      if (events.filter((event) => event.type === type).length >= count)
        return events.map((event) => event.type);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const shown = async () => {
    const head = await app.events.head();
    await app.views.waitFor("mails", head, 5000);
    const query = { where: {}, sort: ["position"], direction: "ascending", limit: 10 } as const;
    return (await app.documents.find<MailRow>(app.views.serving("mails"), query)).rows;
  };

  test("pending mail is looked up again when the log was away, and is back", async () => {
    let isAway = false;
    let failed = 0;
    const head = async () => {
      if (!isAway) return app.events.head();
      failed++;
      throw new StoreUnavailable("as the test asked");
    };
    const queue = inProcessQueue(now, () => {});
    const add: Queue["add"] = async (...job) => {
      if (failed < 3) return;
      isAway = false;
      await queue.add(...job);
    };
    const mailer = smtpMailer(server.url, "Daybook <daybook@post.example>");
    await place.opened(Promise.resolve(mailer));
    const worker = await startWorker({
      ...{ app: { ...app, events: { ...app.events, head } }, mailer, queue: { ...queue, add } },
      ...{ onError: () => {}, newId: v7, signInDays: 90, sweepMs: 50 },
      url: () => "https://daybook.example",
    });
    workers.push(worker);
    isAway = true;
    await createPerson(app, grace, envelope());
    await vi.waitFor(() => expect(failed).toBeGreaterThanOrEqual(3), { timeout: 20_000 });
    isAway = false;
    expect(await recorded("MailSent")).toEqual(["MailRequested", "MailAttempted", "MailSent"]);
  });

  test("a person who is created is mailed once, with their temporary password", async () => {
    await work();
    const { temporaryPassword } = await createPerson(app, grace, envelope());
    expect(await recorded("MailSent")).toEqual(["MailRequested", "MailAttempted", "MailSent"]);
    expect(server.delivered).toHaveLength(1);
    expect(server.delivered[0]?.to).toEqual(["grace@navy.example"]);
    for (const body of server.delivered.flatMap(bodiesOf))
      expect(body).toContain(temporaryPassword);
    expect(await shown()).toMatchObject([{ status: "sent", attempts: 1, nextAt: "" }]);
  });

  test("what fails for now is tried again later, and says when", async () => {
    server.replies({ at: "data", code: 451 });
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailFailed");
    const [waiting] = await shown();
    expect(waiting).toMatchObject({ status: "waiting", attempts: 1, error: expect.any(String) });
    expect(Date.parse(waiting?.nextAt ?? "")).toBeGreaterThan(clock);

    server.replies(undefined);
    pass(11);
    await restart();
    expect(await recorded("MailSent")).toEqual([
      "MailRequested",
      "MailAttempted",
      "MailFailed",
      "MailAttempted",
      "MailSent",
    ]);
    expect(server.delivered).toHaveLength(1);
    expect(await shown()).toMatchObject([{ status: "sent", attempts: 2 }]);
  });

  // Nobody can know that it was taken: it is sent again, and known by its Message-ID.
  test("a mail whose acceptance was not heard is never given more often than it was attempted", async () => {
    server.replies({ at: "acceptance" });
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailFailed");
    server.replies(undefined);
    pass(11);
    await restart();
    const events = await recorded("MailSent");
    expect(events.filter((type) => type === "MailAttempted")).toHaveLength(2);
    const ids = server.delivered.map(messageIdOf);
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(ids[0]);
  });

  test("what is refused for good is not tried again", async () => {
    server.replies({ at: "to", code: 550 });
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailFailed");
    expect(await shown()).toMatchObject([{ status: "failed", attempts: 1, nextAt: "" }]);
    server.replies(undefined);
    pass(30 * DAY_S);
    await restart();
    // Another mail goes through, so this one would have, had it been tried.
    await createPerson(app, { ...grace, username: "ada", email: "ada@navy.example" }, envelope());
    await recorded("MailSent");
    expect(server.delivered.map(({ to }) => to[0])).toEqual(["ada@navy.example"]);
  });

  // The process died between the mail server's answer and the record of it: nobody can know, so it
  // is sent again, under the same Message-ID, but not while the first attempt may still be alive.
  test("an attempt without an outcome is repeated when its lease is over", async () => {
    server.replies({ at: "data", code: 451 });
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailFailed");
    await workers.pop()?.stop();
    server.replies(undefined);
    const id = (await log())[0]?.stream.slice("mail-".length) ?? "";
    const attempt = () =>
      app.execute(mailDecider, id, { type: "AttemptMail", data: {} }, envelope());
    pass(11);
    await attempt();

    pass(30);
    await work();
    await expect(attempt()).rejects.toMatchObject({ code: "mail/not-due" });
    expect(server.delivered).toEqual([]);
    pass(31);
    await restart();
    const events = await recorded("MailSent");
    expect(events.filter((type) => type === "MailAttempted")).toHaveLength(3);
    expect(server.delivered.map(messageIdOf)).toEqual([`<${id}@post.example>`]);
  });

  test("two workers on one installation send a mail once", async () => {
    await work();
    await work();
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        createPerson(
          app,
          { ...grace, username: `g-${n}`, email: `g${n}@navy.example` },
          envelope(),
        ),
      ),
    );
    await recorded("MailSent", 10);
    const to = server.delivered.map((delivery) => delivery.to[0]);
    expect(new Set(to).size).toBe(10);
    expect(to).toHaveLength(10);
    expect((await log()).filter(({ type }) => type === "MailAttempted")).toHaveLength(10);
  });

  const request = (to: string) =>
    app.execute(
      mailDecider,
      v7(),
      {
        type: "RequestMail",
        data: { template: "password-reset-link", to, properties: { name: "Grace" } },
      },
      { ...envelope(), subject: "grace" },
    );

  /** Makes waits of seconds endless, so that no mail is sent by the next look at what is pending. */
  function withoutSweeps() {
    const set = setTimeout;
    const endless = (run: () => void, ms = 0) => set(run, ms < 5000 ? ms : 2 ** 31 - 1);
    vi.stubGlobal("setTimeout", endless);
    return set;
  }

  test("after a start all pending mail is sent, however much it is and whatever the read model knew", async () => {
    const set = withoutSweeps();
    const addresses = Array.from({ length: 600 }, (_, n) => `g${n}@navy.example`);
    await Promise.all(addresses.map(request));
    await work();
    while (server.delivered.length < addresses.length)
      await new Promise((resolve) => set(resolve, 50));
    await recorded("MailSent", addresses.length);
    expect(server.delivered.map(({ to }) => to[0]).toSorted()).toEqual(addresses.toSorted());
    expect((await log()).filter(({ type }) => type === "MailAttempted")).toHaveLength(600);
  });

  test("a slow mail holds up no other", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await work((mailer) => ({
      ...mailer,
      send: async (message, late) => {
        if (message.to === "slow@navy.example") await released;
        await mailer.send(message, late);
      },
    }));
    await request("slow@navy.example");
    for (let n = 0; n < 30; n++) await request(`g${n}@navy.example`);
    await recorded("MailSent", 30);
    expect(server.delivered.map(({ to }) => to[0])).not.toContain("slow@navy.example");
    release();
    await recorded("MailSent", 31);
    expect(server.delivered.at(-1)?.to).toEqual(["slow@navy.example"]);
  });

  test("an attempt that never ends is given up, and another is made", async () => {
    let asked = 0;
    const never = new Promise<void>(() => {});
    await work(
      (mailer) => ({
        ...mailer,
        send: (message, late) => (++asked === 1 ? never : mailer.send(message, late)),
      }),
      500,
    );
    await request("grace@navy.example");
    await recorded("MailFailed");
    expect(await shown()).toMatchObject([
      { status: "waiting", error: expect.stringContaining("slow") },
    ]);
    pass(11);
    await restart();
    await recorded("MailSent");
    expect(server.delivered).toHaveLength(1);
  });

  test("after it was sent no attempt starts", async () => {
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailSent");
    const id = (await log())[0]?.stream.slice("mail-".length) ?? "";
    pass(10 * DAY_S);
    const again = app.execute(mailDecider, id, { type: "AttemptMail", data: {} }, envelope());
    await expect(again).rejects.toThrow(Refusal);
  });

  const idOfFirst = async () => (await log())[0]?.stream.slice("mail-".length) ?? "";

  async function repeat(): Promise<string> {
    const id = await idOfFirst();
    await app.execute(mailDecider, id, { type: "RepeatMail", data: {} }, envelope());
    return id;
  }

  // A server that was told twice of one Message-ID would drop the copy that somebody asked for.
  test("what was sent is sent again at once when it is asked for, as a mail of its own", async () => {
    withoutSweeps();
    await work();
    const { temporaryPassword } = await createPerson(app, grace, envelope());
    await recorded("MailSent");
    pass(1);
    const id = await repeat();
    await recorded("MailSent", 2);
    expect(server.delivered.map(messageIdOf)).toEqual([
      `<${id}@post.example>`,
      `<${id}+2@post.example>`,
    ]);
    for (const body of server.delivered.flatMap(bodiesOf))
      expect(body).toContain(temporaryPassword);
    expect(await shown()).toMatchObject([{ status: "sent", attempts: 2, repeats: 1, nextAt: "" }]);
    pass(1);
    await repeat();
    await recorded("MailSent", 3);
    expect(messageIdOf(server.delivered[2] as never)).toBe(`<${id}+3@post.example>`);
  });

  test("what was refused for good is tried again when it is asked for, and again if need be", async () => {
    server.replies({ at: "to", code: 550 });
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailFailed");
    pass(1);
    server.replies({ at: "acceptance" });
    const id = await repeat();
    await recorded("MailFailed", 2);
    expect(await shown()).toMatchObject([{ status: "waiting", attempts: 2, repeats: 1 }]);
    server.replies(undefined);
    pass(11);
    await restart();
    expect(await recorded("MailSent")).toEqual([
      ...["MailRequested", "MailAttempted", "MailFailed", "MailRepeated"],
      ...["MailAttempted", "MailFailed", "MailAttempted", "MailSent"],
    ]);
    // Both attempts of the round are of one mail: the server had taken the first, and was not heard.
    const again = `<${id}+2@post.example>`;
    expect(server.delivered.map(messageIdOf)).toEqual([again, again]);
  });

  test("what is repeated while nobody sends is sent by the next worker, once", async () => {
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailSent");
    await workers.pop()?.stop();
    pass(1);
    const id = await repeat();
    await expect(repeat()).rejects.toMatchObject({ code: "mail/under-way" });
    await work();
    await recorded("MailSent", 2);
    await request("last@navy.example");
    await recorded("MailSent", 3);
    expect(server.delivered.map(messageIdOf).slice(0, 2)).toEqual([
      `<${id}@post.example>`,
      `<${id}+2@post.example>`,
    ]);
    expect(server.delivered).toHaveLength(3);
  });

  // Its sender died in the middle of the second round: the lease is waited for, and the round kept.
  test("a repetition that was cut off goes on when its lease is over, under the same Message-ID", async () => {
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailSent");
    await workers.pop()?.stop();
    const id = await repeat();
    await app.execute(mailDecider, id, { type: "AttemptMail", data: {} }, envelope());
    pass(30);
    await work();
    await request("other@navy.example");
    await recorded("MailSent", 2);
    expect(server.delivered).toHaveLength(2);
    pass(31);
    await restart();
    await recorded("MailSent", 3);
    expect(messageIdOf(server.delivered[2] as never)).toBe(`<${id}+2@post.example>`);
    expect((await shown()).find((row) => row.id === id)?.tries).toMatchObject([
      { attempt: 1, outcome: "sent" },
      { attempt: 2, outcome: "unknown" },
      { attempt: 3, outcome: "sent" },
    ]);
  });

  test("a temporary password that has ended is not mailed", async () => {
    server.replies({ at: "data", code: 451 });
    await work();
    await createPerson(app, grace, envelope());
    await recorded("MailFailed");
    server.replies(undefined);
    pass(8 * DAY_S);
    await restart();
    await recorded("MailFailed", 2);
    expect(server.delivered).toEqual([]);
    expect(await shown()).toMatchObject([{ status: "failed", error: "The content has expired." }]);
  });

  test("a reaction that is added later does nothing about the past", async () => {
    await work();
    await createPerson(app, grace, envelope());
    const seen: string[] = [];
    const later = defineReaction(userEvents, "later", {
      UserCreated: async (_, { username }) => seen.push(String(username)),
    });
    const run = () => startReactions(app, [later], (error) => errors.push(error));
    let reactions = await run();
    await createPerson(app, { ...grace, username: "ada", email: "ada@navy.example" }, envelope());
    while (seen.length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    await reactions.stop();
    // Nor does it when it is started again, and what happened meanwhile is not missed.
    await createPerson(app, { ...grace, username: "joan", email: "joan@navy.example" }, envelope());
    reactions = await run();
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await reactions.stop();
    expect(seen).toEqual(["ada", "joan"]);
  });
});
