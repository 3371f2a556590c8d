import { expect, test } from "vitest";
import { command, connect, personNamed } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { removeFolder, startServer } from "../support/server.ts";

// An answered command is on the disk: the process is killed with no chance to write anything more.
test("what was answered is there after SIGKILL", async () => {
  let server = await startServer();
  const { data } = server;
  try {
    const before = connect(server.url);
    await before.signIn("admin", server.password);
    const made = await Promise.all(
      ["one", "two", "three", "four", "five"].map((name) =>
        before.client.people.create.mutate(command(personNamed(name))),
      ),
    );
    await server.end("SIGKILL");
    const cutOffAt = new Date().toISOString();

    server = await startServer({ DAYBOOK_DATA: data });
    const after = connect(server.url);
    // The session of before the kill holds too, and so does the administrator's password.
    const me = await after.signIn("admin", server.password);
    after.see(me?.logId ?? "", Math.max(...made.map(({ position }) => position)));
    const { rows } = await after.client.people.list.query({ search: "tester" });
    expect(rows.map(({ username }) => username).sort()).toEqual(
      ["one", "two", "three", "four", "five"].sort(),
    );
    for (const { user, temporaryPassword } of made) {
      const { username } = rows.find(({ id }) => id === user) ?? {};
      const person = await connect(server.url).signIn(String(username), temporaryPassword ?? "");
      expect(person?.user.id).toBe(user);
    }
    // Every one of them is mailed, and none twice. An attempt that was cut off has a lease of a
    // minute before the next may start: until then the mail waits for it, visibly.
    const mailed = await eventually(async () => {
      const mails = await after.client.mail.list.query({ limit: 200 });
      const to = mails.rows.filter(({ to }) => String(to).endsWith("@test.example"));
      const handled = to.every(({ status, nextAt }) => status === "sent" || nextAt > cutOffAt);
      return to.length === 5 && handled ? to : undefined;
    });
    expect(new Set(mailed.map(({ to }) => to)).size).toBe(5);
  } finally {
    await server.end("SIGKILL");
    await removeFolder(data);
  }
});

/** A command may be cut off anywhere: between claims, person, membership and answer. */
test("a command that was cut off by SIGKILL is finished by its retry", async () => {
  let server = await startServer();
  const { data } = server;
  try {
    const before = connect(server.url);
    await before.signIn("admin", server.password);
    const asked = Array.from({ length: 20 }, (_, index) => command(personNamed(`cut-${index}`)));
    const answers = asked.map((one) => before.client.people.create.mutate(one).catch(() => null));
    await Promise.race(answers);
    await server.end("SIGKILL");
    const answered = await Promise.all(answers);

    server = await startServer({ DAYBOOK_DATA: data });
    const after = connect(server.url);
    const me = await after.signIn("admin", server.password);
    const again = await Promise.all(asked.map((one) => after.client.people.create.mutate(one)));
    for (const [index, answer] of answered.entries())
      if (answer) expect(again[index]).toMatchObject({ user: answer.user });
    after.see(me?.logId ?? "", Math.max(...again.map(({ position }) => position)));
    const { count } = await after.client.people.list.query({ search: "tester" });
    expect(count).toBe(asked.length);
  } finally {
    await server.end("SIGKILL");
    await removeFolder(data);
  }
});
