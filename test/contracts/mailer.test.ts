import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  ConfigError,
  type Mailer,
  type MailMessage,
  MailRefused,
  mailbox,
  readConfig,
  smtpMailer,
} from "@daybook/adapters";
import { describe, expect, test } from "vitest";
import { dkimSignature, isSignedBy } from "../support/dkim.ts";
import { temporaryFolder } from "../support/folder.ts";
import { bodiesOf, mailServer, messageIdOf } from "../support/mail-server.ts";

const FROM = "Daybook <daybook@post.example>";

const welcome: MailMessage = {
  id: "0196f1f6-7a00-7000-8000-000000000001.account-created",
  to: "grace@navy.example",
  subject: "Wëlcome — your account",
  html: "<p>Dear Grace, your password is <b>s3cret</b></p>",
  text: "Dear Grace, your password is s3cret",
  secrets: ["s3cret"],
};

const refusalOf = async (sending: Promise<void>): Promise<MailRefused> => {
  const error = await sending.catch((one: unknown) => one);
  expect(error).toBeInstanceOf(MailRefused);
  return error as MailRefused;
};

describe("mailbox", () => {
  const place = temporaryFolder();
  const storedAt = "2026-01-01T12:00:00.000Z";
  const opened = () =>
    place.opened(Promise.resolve(mailbox(place.path(), FROM, () => new Date(storedAt))));

  test("keeps a mail as it was sent", async () => {
    const box = await opened();
    await box.send(welcome);
    expect(await box.read(welcome.id)).toEqual({ ...welcome, from: FROM, storedAt });
    expect(await box.read("another")).toBeUndefined();
    expect(box.destination).toBe(place.path());
    await box.verify();
  });

  test("a second attempt replaces the first", async () => {
    const box = await opened();
    await box.send(welcome);
    await box.send({ ...welcome, subject: "again" });
    expect(await box.read(welcome.id)).toMatchObject({ subject: "again" });
    expect(readdirSync(place.path())).toHaveLength(1);
  });

  test("no id leads out of the folder", async () => {
    const box = await opened();
    const id = "../../etc/passwd";
    await box.send({ ...welcome, id });
    expect(readdirSync(place.path())).toHaveLength(1);
    expect(await box.read(id)).toMatchObject({ id });
  });

  test("mails sent at once are all kept whole", async () => {
    const box = await opened();
    const ids = Array.from({ length: 30 }, (_, n) => `mail-${n}`);
    await Promise.all(ids.map((id) => box.send({ ...welcome, id })));
    for (const file of readdirSync(place.path()))
      expect(JSON.parse(readFileSync(place.file(file), "utf8"))).toMatchObject({ from: FROM });
    for (const id of ids) expect(await box.read(id)).toMatchObject({ id });
  });

  test("two attempts of one mail at once leave one whole mail", async () => {
    const box = await opened();
    await Promise.all([box.send(welcome), box.send(welcome), box.send(welcome)]);
    expect(await box.read(welcome.id)).toMatchObject(welcome);
    expect(readdirSync(place.path())).toHaveLength(1);
  });
});

describe("SMTP", () => {
  const place = temporaryFolder();
  const server = async () => place.opened(mailServer());
  const mailer = (url: string): Promise<Mailer> =>
    place.opened(Promise.resolve(smtpMailer(url, FROM)));

  // Servers and mailboxes tell by it that a second attempt is the same mail.
  test("every attempt carries the same Message-ID, also from another process", async () => {
    const { url, delivered, replies } = await server();
    const one = await mailer(url);
    replies({ at: "data", code: 451 });
    await refusalOf(one.send(welcome));
    replies(undefined);
    await one.send(welcome);
    await (await mailer(url)).send(welcome);
    const ids = delivered.map(messageIdOf);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(`<${welcome.id}@post.example>`);
    expect(ids[1]).toBe(ids[0]);
  });

  // They drop what they have seen before: a copy that was asked for must not look like one.
  test("a later round carries a Message-ID of its own, the same in every attempt", async () => {
    const { url, delivered } = await server();
    const one = await mailer(url);
    for (const round of [1, 2, 2, 3]) await one.send({ ...welcome, round });
    const { id } = welcome;
    expect(delivered.map(messageIdOf)).toEqual(
      [id, `${id}+2`, `${id}+2`, `${id}+3`].map((name) => `<${name}@post.example>`),
    );
  });

  test("a mail arrives with sender, recipient, subject and both bodies", async () => {
    const { url, delivered } = await server();
    const sender = await mailer(url);
    await sender.send(welcome);
    const [mail] = delivered;
    expect(mail).toMatchObject({ from: "daybook@post.example", to: ["grace@navy.example"] });
    expect(mail?.raw).toContain("multipart/alternative");
    expect(mail && bodiesOf(mail)).toEqual([welcome.text, welcome.html]);
    expect(mail?.raw).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(sender.destination).toBe(new URL(url).host);
  });

  // RFC 5321: lines of at most 1,000 bytes, a dot at the start of one doubled, and ASCII.
  test("what is in a body arrives as it was", async () => {
    const { url, delivered } = await server();
    const text = `.\r\n..\r\n${"é".repeat(3000)}\r\n.\r\n\r\nQUIT\r\n--boundary--\r\n`;
    await (await mailer(url)).send({ ...welcome, text, html: text.repeat(20) });
    await (await mailer(url)).send({ ...welcome, text: "one\ntwo", html: "three\r\nfour" });
    expect(delivered.map(bodiesOf)).toEqual([
      [text, text.repeat(20)],
      ["one\r\ntwo", "three\r\nfour"],
    ]);
    for (const { raw } of delivered) expect(raw).toMatch(/^([\x20-\x7e]{0,998}\r\n)*$/);
  });

  /** A server that answers as it should until it has all of a mail. */
  async function serverThat(does: (connection: Socket) => void) {
    let taken = 0;
    const connections = new Set<Socket>();
    const silent = createServer((connection) => {
      connections.add(connection);
      connection.write("220 here\r\n");
      connection.on("error", () => {});
      connection.on("data", (chunk) => {
        const said = chunk.toString("latin1");
        if (!said.endsWith("\r\n.\r\n"))
          return /^(EHLO|MAIL|RCPT|DATA)/.test(said)
            ? connection.write(said.startsWith("DATA") ? "354 go on\r\n" : "250 yes\r\n")
            : undefined;
        taken++;
        return does(connection);
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const close = async () => {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => silent.close(resolve));
    };
    await place.opened(Promise.resolve({ close }));
    const { port } = silent.address() as AddressInfo;
    return { url: `smtp://127.0.0.1:${port}`, taken: () => taken };
  }

  // It may have been accepted: only another attempt, which is recorded, may give it again.
  test("a mail is given once, also when the connection breaks before it is answered", async () => {
    const { url, taken } = await serverThat((connection) => connection.destroy());
    const error = await refusalOf((await mailer(url)).send(welcome));
    expect(error.permanent).toBe(false);
    expect(taken()).toBe(1);
  });

  test("a server that does not answer is given up when it is too late", async () => {
    const late = new AbortController();
    const { url, taken } = await serverThat(() => late.abort());
    const error = await refusalOf((await mailer(url)).send(welcome, late.signal));
    expect(error.permanent).toBe(false);
    expect(taken()).toBe(1);
  });

  test.each([
    { at: "to", code: 550, permanent: true },
    { at: "from", code: 553, permanent: true },
    { at: "data", code: 554, permanent: true },
    { at: "to", code: 450, permanent: false },
    { at: "from", code: 421, permanent: false },
    { at: "data", code: 452, permanent: false },
    // A host that takes no mail at all, and one that wants a sign-in first: settings, not the mail.
    { at: "greeting", code: 554, permanent: false },
    { at: "greeting", code: 421, permanent: false },
    { at: "from", code: 530, permanent: false },
  ] as const)("a $code at $at is permanent: $permanent", async ({ permanent, ...reply }) => {
    const { url, delivered, replies } = await server();
    const sender = await mailer(url);
    await sender.verify();
    replies(reply);
    const error = await refusalOf(sender.send(welcome));
    expect(error.permanent).toBe(permanent);
    expect(error.message).toContain("as the test asked");
    expect(delivered).toEqual([]);
  });

  // Greylisting: who is not known is sent away once, and taken when they come again.
  test("what is sent away at first is taken at the next attempt", async () => {
    const { url, delivered, replies } = await server();
    const sender = await mailer(url);
    replies({ at: "to", code: 451 });
    expect((await refusalOf(sender.send(welcome))).permanent).toBe(false);
    replies(undefined);
    await sender.send(welcome);
    expect(delivered).toHaveLength(1);
  });

  test.each([
    { at: "content", accepted: 0 },
    { at: "acceptance", accepted: 1 },
  ] as const)("a server that hangs up at $at was given the mail once", async ({ at, accepted }) => {
    const { url, delivered, replies } = await server();
    const sender = await mailer(url);
    replies({ at });
    // Longer than what is sent in one piece.
    const error = await refusalOf(sender.send({ ...welcome, text: "x".repeat(1_000_000) }));
    expect(error.permanent).toBe(false);
    expect(delivered).toHaveLength(accepted);
    replies(undefined);
    await sender.send(welcome);
    expect(delivered.map(messageIdOf)).toEqual(
      Array(accepted + 1).fill(`<${welcome.id}@post.example>`),
    );
  });

  // Wrong settings are said once in words, and no mail is given up for them.
  test("a server is verified before the first mail, until it was good once", async () => {
    const { url, delivered, replies, connected } = await server();
    const sender = await mailer(url);
    replies({ at: "greeting", code: 554 });
    const error = await refusalOf(sender.send(welcome));
    expect(error.message).toMatch(/^The mail server 127\.0\.0\.1:\d+ could not be verified: .*554/);
    replies(undefined);
    const before = connected();
    await Promise.all(["a", "b", "c"].map((id) => sender.send({ ...welcome, id })));
    for (const id of ["d", "e"]) await sender.send({ ...welcome, id });
    expect(delivered).toHaveLength(5);
    // One to verify, and at most one for each of those at once.
    expect(connected() - before).toBeLessThanOrEqual(4);
  });

  test("a server that wants a sign-in is not held against the mail", async () => {
    const { url, delivered } = await place.opened(mailServer({ signedIn: true }));
    const error = await refusalOf((await mailer(url)).send(welcome));
    expect(error.permanent).toBe(false);
    expect(error.message).toContain("530");
    expect(delivered).toEqual([]);
  });

  describe("signed by DKIM", () => {
    const settings = { domain: "post.example", selector: "day2026" };
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const keyFile = (key: KeyObject) => {
      const path = place.file("dkim.pem");
      writeFileSync(path, key.export({ type: "pkcs8", format: "pem" }));
      return path;
    };

    test("a mail can be checked with the public key, and not when it was changed", async () => {
      const { url, delivered } = await server();
      const dkim = { ...settings, keyFile: keyFile(privateKey) };
      await (await place.opened(Promise.resolve(smtpMailer(url, FROM, dkim)))).send(welcome);
      const raw = delivered[0]?.raw ?? "";
      const { tags, headers } = dkimSignature(raw);
      expect(tags).toMatchObject({ d: "post.example", s: "day2026", a: "rsa-sha256" });
      for (const name of ["from", "to", "subject", "message-id", "date"])
        expect(headers).toContain(name);
      expect(isSignedBy(raw, publicKey)).toBe(true);
      expect(isSignedBy(raw.replace("grace@navy.example", "eve@navy.example"), publicKey)).toBe(
        false,
      );
      const another = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
      expect(isSignedBy(raw, another)).toBe(false);
      expect(isSignedBy(raw.replace(/\r\n\r\n.*/s, "\r\n\r\nchanged\r\n"), publicKey)).toBe(false);
    });

    test.each([
      ["that is not there", () => place.file("none.pem"), /none\.pem is not a private key.*ENOENT/],
      ["that is no RSA key", () => keyFile(generateKeyPairSync("ed25519").privateKey), /ed25519/],
    ])("a key %s is refused at the start", (_, path, says) => {
      const open = () => smtpMailer("smtp://127.0.0.1:1", FROM, { ...settings, keyFile: path() });
      expect(open).toThrow(ConfigError);
      expect(open).toThrow(says);
    });

    test("a setting alone is refused, and all of them are taken", () => {
      const all = {
        MAIL_DKIM_DOMAIN: "post.example",
        MAIL_DKIM_SELECTOR: "s",
        MAIL_DKIM_KEY: "/k.pem",
      };
      expect(readConfig({}).dkim).toBeUndefined();
      expect(readConfig(all).dkim).toEqual({
        domain: "post.example",
        selector: "s",
        keyFile: "/k.pem",
      });
      for (const name of Object.keys(all))
        expect(() => readConfig({ ...all, [name]: "" })).toThrow(/belong together/);
      expect(() => readConfig({ ...all, MAIL_DKIM_DOMAIN: "a b" })).toThrow(
        "MAIL_DKIM_DOMAIN: a domain",
      );
    });
  });

  // A wrong password of ours is mended by the operator: the mail must still be there then.
  test("a refused sign-in of ours is not held against the mail", async () => {
    const { urlWithPassword } = await server();
    const sender = await mailer(urlWithPassword);
    expect((await refusalOf(sender.send(welcome))).permanent).toBe(false);
    await refusalOf(sender.verify());
  });

  test("a server that is away may come back", async () => {
    const { url, close } = await mailServer();
    await close();
    const sender = await mailer(url);
    expect((await refusalOf(sender.send(welcome))).permanent).toBe(false);
    expect((await refusalOf(sender.verify())).permanent).toBe(false);
  });

  test("a server that answers is verified", async () => {
    await (await mailer((await server()).url)).verify();
  });

  // RFC 5322 lists end at a comma: an address that holds one must not reach a second person.
  test.each([
    "grace@navy.example, mallory@evil.example",
    "grace@navy.example\r\nBcc: m@evil.example",
  ])("nothing in %j is read as a second recipient", async (to) => {
    const { url, delivered } = await server();
    await (await mailer(url)).send({ ...welcome, to }).catch(() => {});
    for (const mail of delivered) {
      expect(mail.to).not.toContain("mallory@evil.example");
      expect(mail.to).not.toContain("m@evil.example");
      expect(mail.raw).not.toMatch(/^Bcc:/im);
    }
  });

  test("a line break in a subject starts no header", async () => {
    const { url, delivered } = await server();
    const subject = "Hello\r\nX-Evil: yes";
    await (await mailer(url)).send({ ...welcome, subject });
    expect(delivered[0]?.raw).not.toMatch(/^X-Evil:/im);
  });

  test("an address that the client itself refuses is not tried again", async () => {
    const { url, delivered } = await server();
    const error = await refusalOf((await mailer(url)).send({ ...welcome, to: "" }));
    expect(error.permanent).toBe(true);
    expect(delivered).toEqual([]);
  });
});
