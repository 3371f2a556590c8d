import { openApp } from "@daybook/application";
import { mailTemplate } from "@daybook/domain";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { ask, inQuery } from "./calls.ts";
import { browserOf, mailsTo, make, resetToken } from "./people.ts";

/** The mail to an address, once it was sent as often as this. */
const sentTo = ({ client }: Connection, search: string, times = 1) =>
  eventually(async () => {
    const { rows } = await client.mail.list.query({ search, status: "sent" });
    return rows.find(({ repeats }) => repeats === times - 1);
  });

/** The mail that told somebody of their account, as this person is shown it. */
async function welcomeAs(browser: Connection, address: string) {
  const { id } = await sentTo(browser, address);
  return (await browser.client.mail.get.query({ id })).message;
}

describe("the mailbox", () => {
  let server: TestServer;
  let administrator: Connection;

  async function start(env: Record<string, string>) {
    server = await startServer(env);
    administrator = connect(server.url);
    await administrator.signIn("admin", server.password);
  }
  const stop = async () => {
    await server.end();
    await removeFolder(server.data);
  };

  describe("on this machine alone", () => {
    beforeAll(() => start({}));
    afterAll(stop);

    test("shows a temporary password to who may reset it anyway", async () => {
      const { email, password } = await make(administrator, { generated: true });
      const message = await welcomeAs(administrator, email);
      expect(message).toMatchObject({ masked: false });
      expect(message?.text).toContain(password);
    });

    // It would open the account: an auditor would become whoever was mailed last.
    test("masks it for an auditor, and tells a member nothing", async () => {
      const auditor = await browserOf(server, await make(administrator, { role: "auditor" }));
      const { email, password } = await make(administrator, { generated: true });
      const message = await welcomeAs(auditor, email);
      expect(message).toMatchObject({ masked: true });
      expect(message?.text).not.toContain(password);
      expect(message?.html).not.toContain(password);
      await administrator.client.session.requestPasswordReset.mutate(command({ email }));
      const token = await resetToken(server, email);
      const link = await eventually(async () => {
        const filter = { search: email, template: "password-reset-link", status: "sent" } as const;
        const [row] = (await auditor.client.mail.list.query(filter)).rows;
        return row && (await auditor.client.mail.get.query({ id: row.id }));
      });
      expect(link.message?.masked).toBe(true);
      expect(JSON.stringify(link)).not.toContain(token);
      const member = await browserOf(server, await make(administrator));
      expect(await refusal(member.client.mail.list.query({}))).toBe("session/forbidden");
    });
  });

  describe("tried by a test mail", () => {
    beforeAll(() => start({}));
    afterAll(stop);

    test("whoever asks is mailed themselves, once for one request", async () => {
      const { client } = administrator;
      const request = { commandId: v7(), data: {} };
      const [{ id }] = [
        await client.mail.test.mutate(request),
        await client.mail.test.mutate(request),
      ];
      const { mail, message } = await eventually(async () => {
        const found = await client.mail.get.query({ id });
        return found.mail.status === "sent" && found.message ? found : undefined;
      });
      const me = await client.session.me.query();
      expect(mail).toMatchObject({ template: "test-mail", to: me?.user.email, attempts: 1 });
      expect(message?.text).toContain("This is a test mail");
      const { rows } = await client.mail.list.query({});
      expect(rows.filter(({ template }) => template === "test-mail")).toHaveLength(1);
    });

    test("an auditor, who may look only, cannot have mail sent", async () => {
      const auditor = await browserOf(server, await make(administrator, { role: "auditor" }));
      const asked = auditor.client.mail.test.mutate({ commandId: v7(), data: {} });
      expect(await refusal(asked)).toBe("session/forbidden");
    });
  });

  describe("listed", () => {
    beforeAll(() => start({}));
    afterAll(stop);

    test("is filtered by state and template, searched by the start of an address, and counted", async () => {
      const { client } = administrator;
      const { email } = await make(administrator, { generated: true });
      await client.session.requestPasswordReset.mutate(command({ email }));
      const all = await eventually(async () => {
        const { rows } = await client.mail.list.query({ limit: 200 });
        const sent = rows.filter(({ status }) => status === "sent");
        const own = sent.filter(({ to }) => to === email);
        return own.length === 2 && sent.length === rows.length ? rows : undefined;
      });
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual(positions.toSorted((one, other) => other - one));

      const welcomes = all.filter(({ template }) => template === "account-created");
      const own = all.filter(({ to }) => to === email).toReversed();
      const search = ` ${email.slice(0, -3).toUpperCase()}`;
      const template = "password-reset-link";
      const lists = [
        [{ status: "sent" }, all],
        [{ status: "failed" }, []],
        [{ template: "account-created" }, welcomes],
        [{ template: "account-created", status: "sent" }, welcomes],
        [{ template: "account-created", status: "waiting" }, []],
        [{ search }, own],
        [{ search, template }, own.slice(1)],
        [{ search, template, status: "sent" }, own.slice(1)],
        [{ search, status: "failed" }, []],
        [{ search: email.slice(1) }, []],
      ] as const;
      expect(welcomes.length).toBeGreaterThan(3);
      for (const [filter, wanted] of lists) {
        const paged: string[] = [];
        let cursor: string | undefined;
        do {
          const page = { ...filter, limit: 10, ...(cursor && { cursor }) };
          const found = await client.mail.list.query(page);
          paged.push(...found.rows.map(({ id }) => id));
          expect(found.count).toBe(wanted.length);
          cursor = found.cursor;
        } while (cursor);
        expect(paged, JSON.stringify(filter)).toEqual(wanted.map(({ id }) => id));
      }
    });

    test("tells the attempts of each mail, and what it is about", async () => {
      const { id, email } = await make(administrator, { generated: true });
      const mail = await sentTo(administrator, email);
      expect(mail).toMatchObject({ subject: id, attempts: 1, repeats: 0 });
      expect(mail.tries).toEqual([{ attempt: 1, at: expect.any(String), outcome: "sent" }]);
      const { rows } = await administrator.client.history.list.query({ subject: id });
      expect(rows.find((entry) => entry.id === mail.causedBy)?.type).toBe("PasswordAssigned");
      expect(Date.parse(mail.expiresAt ?? "")).toBeGreaterThan(Date.now());
    });
  });

  describe("asked to send again", () => {
    beforeAll(() => start({}));
    afterAll(stop);

    const again = (id: string, { client } = administrator) =>
      client.mail.sendAgain.mutate({ ...command({}), id });

    test("sends another copy, which takes the place of the one before", async () => {
      const { email, password } = await make(administrator, { generated: true });
      const { id } = await sentTo(administrator, email);
      const [before] = await mailsTo(server, email);
      const answer = await again(id);
      expect(answer).toEqual({ revision: 3, position: expect.any(Number) });
      const mail = await sentTo(administrator, email, 2);
      expect(mail).toMatchObject({ id, status: "sent", attempts: 2, repeats: 1 });
      expect(mail.tries.map(({ outcome }) => outcome)).toEqual(["sent", "sent"]);
      const kept = await mailsTo(server, email);
      expect(kept).toHaveLength(1);
      expect(kept[0]?.storedAt).not.toBe(before?.storedAt);
      expect(kept[0]?.text).toContain(password);
    });

    test("does so once for one request, and not where the form showed an older mail", async () => {
      const { email } = await make(administrator);
      const { id } = await sentTo(administrator, email);
      const request = { ...command({}), id, revision: 2 };
      const { sendAgain } = administrator.client.mail;
      const answers = [await sendAgain.mutate(request), await sendAgain.mutate(request)];
      expect(answers[0]?.revision).toBe(3);
      const { repeats } = await sentTo(administrator, email, 2);
      expect(repeats).toBe(1);
      expect(await refusal(sendAgain.mutate({ ...request, ...command({}) }))).toBe(
        "revision/changed",
      );
    });

    test("refuses what there is not, and mail to somebody whose data was erased", async () => {
      expect(await refusal(again("nothing"))).toBe("mail/unknown");
      const made = await make(administrator);
      const { id } = await sentTo(administrator, made.email);
      const beside = await openApp({ data: server.data, key: undefined }, () => new Date());
      await beside.keyring.erase(made.id, new Date());
      await beside.close();
      await eventually(async () => {
        const outcome = await refusal(again(id)).catch(() => "it was not refused");
        return outcome === "person/erased" ? true : undefined;
      });
    });

    test("is not told so by an auditor", async () => {
      const auditor = await browserOf(server, await make(administrator, { role: "auditor" }));
      const { email } = await make(administrator);
      const { id } = await sentTo(administrator, email);
      expect(await refusal(again(id, auditor))).toBe("session/forbidden");
      expect(await sentTo(administrator, email)).toMatchObject({ id, attempts: 1 });
    });
  });

  describe("shows what each mail looks like", () => {
    beforeAll(() => start({}));
    afterAll(stop);

    test("rendered of invented people, under the server's own address", async () => {
      const { client } = administrator;
      const templates = await client.mail.templates.query();
      expect(templates.map(({ template }) => template)).toEqual(mailTemplate.options);
      for (const { template, subject } of templates) {
        const preview = await client.mail.preview.query({ template });
        expect(preview.subject).toBe(subject);
        expect(preview.html).toContain("<h1");
        for (const body of [preview.html, preview.text]) {
          expect(body).toContain("Hello Ada Lovelace,");
          expect(body).toContain(server.url);
          expect(body).not.toMatch(/undefined|\[object/);
        }
      }
      const { text } = await client.mail.preview.query({ template: "password-reset-link" });
      expect(text).toContain(`${server.url}/reset-password#`);
    });
  });

  describe.each([
    ["that others can reach", { HOST: "0.0.0.0" }],
    // As behind a proxy. With an address that HTML does not write as it is.
    ["that others reach by another name", { DAYBOOK_URL: "https://example.test/?a=1&b='2'" }],
  ])("%s", (_, env) => {
    beforeAll(() => start(env));
    afterAll(stop);

    /** All that is answered about the mails to an address, as it goes over the wire. */
    async function answered(search: string, browser: Connection, count = 1): Promise<string> {
      const { rows } = await eventually(async () => {
        const found = await administrator.client.mail.list.query({ search, status: "sent" });
        return found.count === count ? found : undefined;
      });
      const headers = { cookie: browser.cookie() };
      const answers = await Promise.all(
        [`list?${inQuery({ search })}`, ...rows.map(({ id }) => `get?${inQuery({ id })}`)].map(
          (query) => ask(`${server.url}/trpc/mail.${query}`, { headers }),
        ),
      );
      for (const { status } of answers) expect(status).toBe(200);
      const messages = answers.slice(1).map(({ json }) => json.result.data.message);
      expect(messages).toHaveLength(count);
      for (const { masked, html, text } of messages) {
        expect(masked).toBe(true);
        for (const body of [html, text]) expect(body).toContain("••••••••");
      }
      return answers.map(({ text }) => text).join("\n");
    }

    test("masks passwords and links for everyone, in all that is answered", async () => {
      const auditor = await browserOf(server, await make(administrator, { role: "auditor" }));
      const { email, password } = await make(administrator, { generated: true });
      for (const browser of [administrator, auditor])
        expect(await answered(email, browser)).not.toContain(password);

      const { email: forgetful } = await make(administrator, { generated: true });
      await administrator.client.session.requestPasswordReset.mutate(command({ email: forgetful }));
      const token = await resetToken(server, forgetful);
      for (const browser of [administrator, auditor]) {
        const text = await answered(forgetful, browser, 2);
        expect(text).not.toContain(token);
        expect(text).not.toContain(token.split(".")[2]);
        expect(text).not.toContain("/reset-password");
      }
    });
  });
});
