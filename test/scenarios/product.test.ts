import { describe, expect, test } from "vitest";
import { command, connect, personNamed, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { bodiesOf } from "../support/mail-server.ts";
import { type Installation, installations } from "./installations.ts";

const PASSWORD = "the same on every engine";

const setUp = ({ daybook }: Installation) =>
  daybook(["setup", "--email", "admin@test.example", "--password-stdin"], `${PASSWORD}\n`);

/** The newest mail to somebody, as soon as it has come. */
const mailTo = ({ mails }: Installation, address: string, beside: readonly string[] = []) =>
  eventually(async () =>
    mails.delivered
      .filter(({ to }) => to.includes(address))
      .map((mail) => bodiesOf(mail)[0] ?? "")
      .find((text) => !beside.includes(text)),
  );

async function signedIn(url: string) {
  const connection = connect(url);
  await connection.signIn("admin", PASSWORD);
  return connection.client;
}

describe.each(installations)("on %s", (_, open) => {
  const place = temporaryFolder();

  test("people are created, sign in, recover, are suspended, and all of it is in the log", async () => {
    const installation = await open(place);
    expect(await setUp(installation)).toMatchObject({ code: 0 });
    const [here = "", elsewhere = here] = installation.urls();
    const client = await signedIn(here);

    // Created, and shown to who made them at once.
    const ada = personNamed("ada");
    const connection = connect(here);
    await connection.signIn("admin", PASSWORD);
    const made = await connection.client.people.create.mutate(command(ada));
    const logId = (await client.session.me.query())?.logId ?? expect.fail();
    connection.see(logId, made.position);
    const { rows } = await connection.client.people.list.query({ search: "ada" });
    expect(rows).toMatchObject([{ id: made.user, username: "ada", status: "active" }]);

    // Mailed, and signed in elsewhere with what the mail says.
    const welcome = await mailTo(installation, ada.email);
    const given = made.temporaryPassword ?? expect.fail();
    expect(welcome).toContain(given);
    const asAda = connect(elsewhere);
    await asAda.signIn("ada", given);
    const change = { current: given, password: "a password of her own" };
    await asAda.client.session.changePassword.mutate(command(change));
    expect(await refusal(connect(here).signIn("ada", given))).toBe("sign-in/failed");

    // Reset by an administrator: the session ends everywhere, the moment it is answered.
    const seen = [welcome, await mailTo(installation, ada.email, [welcome])];
    const reset = await client.people.resetPassword.mutate({ ...command({}), id: made.user });
    const again = reset.temporaryPassword ?? expect.fail();
    expect(await asAda.client.session.me.query()).toBeNull();
    expect(await mailTo(installation, ada.email, seen)).toContain(again);
    await asAda.signIn("ada", again);

    // Suspended: likewise.
    await client.people.deactivate.mutate({ ...command({}), id: made.user });
    expect(await asAda.client.session.me.query()).toBeNull();
    expect(await refusal(connect(elsewhere).signIn("ada", again))).toBe("sign-in/failed");

    const { code, stdout } = await installation.daybook(["verify"]);
    expect(stdout).not.toContain("differ");
    expect(code).toBe(0);
  });

  test("read models are built again while people work, and everything outlives a restart", async () => {
    const installation = await open(place);
    await setUp(installation);
    const working = installation.urls().map(async (url, at) => {
      const client = await signedIn(url);
      const { user } = await client.people.create.mutate(command(personNamed(`worker.${at}`)));
      for (let n = 0; n < 20; n++) {
        const data = { firstName: `Name ${n}`, lastName: "Worker" };
        await client.people.rename.mutate({ ...command(data), id: user });
      }
      return user;
    });
    // One that queries read, and one that security rests on.
    for (const name of ["people", "accounts"])
      expect(await installation.daybook(["rebuild", name])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(`${name} was built again and serves`),
      });
    const users = await Promise.all(working);
    expect(await installation.daybook(["verify"])).toMatchObject({ code: 0 });

    await installation.restart();
    for (const url of installation.urls()) {
      const client = await signedIn(url);
      for (const id of users)
        expect(await client.people.get.query({ id })).toMatchObject({ firstName: "Name 19" });
    }
  });
});
