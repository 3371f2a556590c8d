import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, connect, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { browserOf, make } from "./people.ts";

/** The mail that told somebody of their account, as this person is shown it. */
const welcomeAs = ({ client }: Connection, address: string) =>
  eventually(async () => {
    const { rows } = await client.mail.list.query({ status: "sent" });
    const row = rows.find(({ to }) => to === address);
    return row && (await client.mail.get.query({ id: row.id })).message;
  });

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

  describe("that others can reach", () => {
    beforeAll(() => start({ HOST: "0.0.0.0" }));
    afterAll(stop);

    test("masks it for everyone", async () => {
      const { email, password } = await make(administrator, { generated: true });
      const message = await welcomeAs(administrator, email);
      expect(message).toMatchObject({ masked: true });
      expect(message?.text).not.toContain(password);
    });
  });
});
