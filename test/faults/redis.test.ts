import { rmSync } from "node:fs";
import { ConfigError, type Queue, smtpMailer } from "@daybook/adapters";
import { openBullQueue } from "@daybook/adapters/bullmq";
import { type App, openApp } from "@daybook/application";
import { mail } from "@daybook/domain";
import { startWorker } from "@daybook/worker";
import { v7 } from "uuid";
import { beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mailServer, messageIdOf } from "../support/mail-server.ts";
import { proxyTo } from "../support/proxy.ts";
import { describeWithRedis, type RedisServer, redisServer } from "../support/redis.ts";

const now = () => new Date();
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const ACME = "019b7a2c-6c00-7000-8000-00000000acee";
/** What takes half a minute in production is over soon here. */
const SWEEP_MS = 500;
const LOCK_MS = 1500;

describeWithRedis("Redis", { timeout: 60_000 }, () => {
  const place = temporaryFolder();
  let redis: RedisServer;
  let app: App;
  let errors: unknown[];
  let warnings: string[];
  let server: Awaited<ReturnType<typeof mailServer>>;

  beforeEach(async () => {
    [errors, warnings] = [[], []];
    redis = await place.opened(redisServer(place.path()));
    server = await place.opened(mailServer());
    app = await place.opened(openApp({ data: place.file("data"), key: undefined }, now));
  });

  const open = (url = redis.url, silenceMs = 15_000) =>
    openBullQueue(url, {
      ...{ name: "mail", now, lockMs: LOCK_MS, silenceMs },
      onError: (error) => errors.push(error),
      warn: (line) => warnings.push(line),
    });

  /** A worker that sends some hundred mails a second, so that there is a middle of its work. */
  async function work(queue: Queue) {
    const mailer = await place.opened(Promise.resolve(smtpMailer(server.url, "d@post.example")));
    const worker = await startWorker({
      ...{ app, queue, newId: v7, signInDays: 90, sweepMs: SWEEP_MS },
      mailer: {
        ...mailer,
        send: async (message, late) => {
          await after(40);
          await mailer.send(message, late);
        },
      },
      onError: (error) => errors.push(error),
      url: () => "https://daybook.example",
    });
    await place.opened(Promise.resolve({ close: worker.stop }));
  }

  const request = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => {
        const id = v7();
        const to = `${id}@navy.example`;
        const properties = { name: "Grace" };
        return app.execute(
          mail,
          id,
          { type: "RequestMail", data: { template: "password-reset-link", to, properties } },
          { commandId: v7(), actor: { kind: "user", id: "ada" }, organization: ACME, subject: to },
        );
      }),
    );

  const delivered = (count: number) =>
    eventually(async () => (server.delivered.length >= count ? true : undefined));

  const countOf = async (type: string) =>
    (await Array.fromAsync(app.events.readAll({ types: [type] }))).length;

  /** Every mail is sent, and none was accepted more often than an attempt is recorded for it. */
  async function allSent(count: number) {
    await eventually(async () => ((await countOf("MailSent")) >= count ? true : undefined));
    const attempts = new Map<string, number>();
    for await (const { stream } of app.events.readAll({ types: ["MailAttempted"] }))
      attempts.set(stream, (attempts.get(stream) ?? 0) + 1);
    const accepted = new Map<string, number>();
    for (const one of server.delivered) {
      const id = messageIdOf(one)?.replace(/^<(.*)@.*/, "mail-$1") ?? "";
      accepted.set(id, (accepted.get(id) ?? 0) + 1);
    }
    expect(await countOf("MailSent")).toBe(count);
    expect(accepted.size).toBe(count);
    for (const [id, times] of accepted) expect(times).toBeLessThanOrEqual(attempts.get(id) ?? 0);
  }

  /** Half of the mails are requested before the fault, which comes while they are sent. */
  async function withFault(fault: () => Promise<unknown>) {
    await work(await open());
    await request(80);
    await delivered(20);
    await fault();
    await request(80);
    await allSent(160);
  }

  test("killed and started again, it loses no mail", async () => {
    await withFault(async () => {
      await redis.kill();
      await after(1000);
      await redis.start();
    });
    expect(errors.map(String).join("\n")).toMatch(/ECONN|closed/);
  });

  test("mail that is requested while it is away is sent when it is back, on an empty disk", async () => {
    await work(await open());
    await redis.kill();
    await request(20);
    await after(3 * SWEEP_MS);
    rmSync(place.file("appendonlydir"), { recursive: true });
    await redis.start();
    await allSent(20);
    // One look at the mail a sweep, and not one error a mail.
    expect(errors.length).toBeLessThan(20);
  });

  test("paused for longer than a job is locked, it loses no mail", () =>
    withFault(async () => {
      redis.pause();
      await after(2 * LOCK_MS);
      redis.resume();
    }));

  test("wiped again and again, it loses no mail", () =>
    withFault(async () => {
      for (const _ of "thrice") {
        await redis.wipe();
        await after(50);
      }
    }));

  // Their jobs had the same ids: what is left of those must not keep the new ones out, nor may a
  // second worker send what the first one does.
  test("mails that were sent are sent again at once, once each, by whichever worker", async () => {
    await work(await open());
    await work(await open());
    await request(20);
    await allSent(20);
    const streams = new Set<string>();
    for await (const { stream } of app.events.readAll({ types: ["MailSent"] })) streams.add(stream);
    const ids = [...streams].map((stream) => stream.slice("mail-".length));
    const actor = { kind: "user", id: "ada" } as const;
    for (const id of ids) {
      const envelope = { commandId: v7(), actor, organization: ACME };
      await app.execute(mail, id, { type: "RepeatMail", data: {} }, envelope);
    }
    await eventually(async () => ((await countOf("MailSent")) >= 40 ? true : undefined));
    expect(await countOf("MailAttempted")).toBe(40);
    const wanted = ids.flatMap((id) => [`<${id}@post.example>`, `<${id}+2@post.example>`]);
    expect(server.delivered.map(messageIdOf).toSorted()).toEqual(wanted.toSorted());
  });

  // The command path must not wait for it, nor may whoever adds be kept.
  test("an add is refused at once while it is away, and works when it is back", async () => {
    const queue = await place.opened(open());
    await redis.kill();
    const since = performance.now();
    await expect(queue.add("a", now())).rejects.toThrow("Redis does not answer");
    expect(performance.now() - since).toBeLessThan(2000);
    await redis.start();
    await eventually(() =>
      queue.add("a", now()).then(
        () => true,
        () => undefined,
      ),
    );
    expect(await queue.depth()).toEqual({ waiting: 1, running: 0, delayed: 0 });
  });

  // The connection looks well, and the worker says that it runs: it is told by the mail that is due.
  test("a worker whose connections have gone silent is made anew", async () => {
    const proxy = await place.opened(proxyTo(redis.port));
    // So long that nothing else makes them anew.
    const behind = await open(proxy.url, 3_600_000);
    const direct = await open();
    await work({
      ...behind,
      add: direct.add,
      depth: direct.depth,
      close: async () => {
        await behind.close();
        await direct.close();
      },
    });
    await request(1);
    await allSent(1);
    proxy.silence();
    await request(5);
    await allSent(6);
    expect(errors.map(String)).toContainEqual(expect.stringContaining("made anew"));
  });

  test("a job whose process is gone is taken up by another", async () => {
    const proxy = await place.opened(proxyTo(redis.port));
    const gone = await open(proxy.url);
    const { promise: ever, resolve: end } = Promise.withResolvers<void>();
    gone.process(() => ever, 1);
    await gone.add("a", now());
    const other = await place.opened(open());
    await eventually(async () => ((await other.depth()).running === 1 ? true : undefined));
    await place.closed(proxy);
    const ran: string[] = [];
    other.process(async (id) => {
      ran.push(id);
    }, 1);
    await eventually(async () => (ran.length > 0 ? true : undefined));
    expect(ran).toEqual(["a"]);
    end();
    await gone.close();
  });

  test("one that evicts keys is refused at the start", async () => {
    await redis.ask("config", "set", "maxmemory-policy", "allkeys-lru");
    const error = await open().catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(/allkeys-lru.*noeviction/);
  });

  test("one that forbids CONFIG is looked at all the same", async () => {
    await redis.ask("acl", "setuser", "app", "on", ">pw", "~*", "&*", "+@all", "-config");
    const queue = await open(redis.url.replace("//", "//app:pw@"));
    expect(warnings).toEqual([]);
    await queue.close();
  });

  test("one that does not tell is warned of", async () => {
    const mute = (chunk: Buffer) =>
      Buffer.from(
        chunk.toString("latin1").replace("maxmemory_policy", "maxmemory_secret"),
        "latin1",
      );
    const proxy = await place.opened(proxyTo(redis.port, mute));
    await (await open(proxy.url)).close();
    expect(warnings).toEqual([expect.stringContaining("maxmemory-policy")]);
  });

  test("one that is away, or knows another password, is refused at the start, without a secret", async () => {
    await redis.ask("config", "set", "requirepass", "right");
    const error = await open(redis.url.replace("//", "//:wrong@")).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain("REDIS_URL");
    expect(String(error)).not.toContain("wrong@");
    await redis.kill();
    await expect(open()).rejects.toThrow(/REDIS_URL: Redis at 127.0.0.1:\d+ does not answer/);
  });
});
