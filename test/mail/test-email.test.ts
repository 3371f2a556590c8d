import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { bodiesOf, mailServer } from "../support/mail-server.ts";

const cli = join(import.meta.dirname, "../../apps/cli/bin/daybook.js");

const place = temporaryFolder();

async function testEmail(address: string, env: Record<string, string>) {
  const { SMTP_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [cli, "test-email", address], {
    env: { ...inherited, DAYBOOK_DATA: place.file("data"), ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

test("a test mail is sent with the settings of the server, and what happened is said", async () => {
  const server = await place.opened(mailServer());
  const env = { SMTP_URL: server.url, MAIL_FROM: "Daybook <d@post.example>" };
  const { code, stdout, stderr } = await testEmail("ada@navy.example", env);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^127\.0\.0\.1:\d+ answers, and takes mail from us\.\nIt accepted a test/);
  expect(server.delivered).toHaveLength(1);
  const [mail] = server.delivered;
  expect(mail).toMatchObject({ from: "d@post.example", to: ["ada@navy.example"] });
  expect(mail?.raw).toContain("Subject: Test mail from Daybook");
  expect(mail && bodiesOf(mail)[0]).toContain("This is a test mail");
});

test.each([
  [
    "refused for good",
    { at: "to", code: 550 },
    /refused the mail to ada@navy.example for good: .*550/,
  ],
  ["refused for now", { at: "data", code: 451 }, /for now, and may take it later: .*451/],
  [
    "sent away",
    { at: "greeting", code: 554 },
    /^daybook: The mail server [^ ]+ could not be verified: .*554/,
  ],
] as const)("one that is %s ends with 1 and says why in a line", async (_, reply, says) => {
  const server = await place.opened(mailServer());
  server.replies(reply);
  const { code, stderr } = await testEmail("ada@navy.example", { SMTP_URL: server.url });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^daybook: [^\n]+\n$/);
  expect(stderr).toMatch(says);
  expect(server.delivered).toEqual([]);
});

test("a wrong password of ours is told apart from a refused mail, and not shown", async () => {
  const server = await place.opened(mailServer());
  const { code, stderr } = await testEmail("a@b.example", { SMTP_URL: server.urlWithPassword });
  expect(code).toBe(1);
  expect(stderr).toMatch(/could not be verified/);
  expect(stderr).not.toContain("wrong");
});

test.each([
  ["without a mail server", "ada@navy.example", {}, 1, "SMTP_URL is not set"],
  ["to no address", "ada", { SMTP_URL: "smtp://127.0.0.1:1" }, 2, "ada: Enter an e-mail address"],
])("%s nothing is sent", async (_, address, env, ends, says) => {
  const { code, stdout, stderr } = await testEmail(address, env as Record<string, string>);
  expect(code).toBe(ends);
  expect(stdout).toBe("");
  expect(stderr).toContain(says);
});
