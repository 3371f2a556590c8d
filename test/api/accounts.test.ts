import { historyKinds } from "@daybook/projections";
import { httpLink } from "@trpc/client";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, command, connect, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { ask, clientOf, post } from "./calls.ts";
import {
  ANOTHER,
  browserOf,
  type Made,
  mailsTo,
  make,
  PASSWORD,
  resetToken,
  somebody,
} from "./people.ts";

let server: TestServer;
let admin: Connection;
let client: Connection["client"];
let logId: string;

beforeAll(async () => {
  // Believed only from this machine, so that a test can come from several addresses.
  server = await startServer({ DAYBOOK_TRUST_PROXY: "127.0.0.1" });
  admin = connect(server.url);
  logId = (await admin.signIn("admin", server.password))?.logId ?? "";
  client = admin.client;
});
afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

/** From now on the administrator reads nothing older than this. */
const see = ({ position }: { position: number }) => admin.see(logId, position);
const on = <D>(id: string, data: D, revision?: number) => ({
  ...command(data),
  id,
  ...(revision !== undefined && { revision }),
});
/** A client with somebody's session, whose calls travel alone. */
const withCookie = (cookie: string) => clientOf(server, httpLink, cookie).client;
const signIn = (name: string, password: string) => connect(server.url).signIn(name, password);
/** The outcome of a sign-in from an address of its own: the refusal's code, or "signed in". */
async function signInFrom(ip: string, name: string, password: string): Promise<string> {
  const headers = { "x-forwarded-for": ip };
  const body = JSON.stringify({ name, password });
  const { status, json } = await ask(`${server.url}/trpc/session.signIn`, post(body, headers));
  return status === 200 ? "signed in" : json.error.data.refusal.code;
}
/** What happened to a person; the mails about it follow when they are requested and sent. */
const historyOf = async (id: string) => {
  const kinds = historyKinds.filter((kind) => kind !== "mail");
  const { rows } = await client.history.list.query({ subject: id, kinds, limit: 200 });
  return rows.map(({ type }) => type);
};

describe("a new person", () => {
  test("has a generated password of 16 characters of every kind, no two alike", async () => {
    const made = await Promise.all([1, 2, 3].map(() => make(admin, { generated: true })));
    for (const { password } of made) {
      expect(password).toHaveLength(16);
      for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/])
        expect(password).toMatch(kind);
    }
    expect(new Set(made.map(({ password }) => password)).size).toBe(3);
  });

  test("signs in with username or e-mail address, in any case, and with nothing else", async () => {
    const { username, email, password, id } = await make(admin);
    for (const name of [username, email, username.toUpperCase(), ` ${email.toUpperCase()} `])
      expect((await signIn(name, password))?.user.id).toBe(id);
    for (const name of [id, username.slice(0, -1), `${username}*`, "%", `${username}\u0000`])
      expect(await refusal(signIn(name, password))).toBe("sign-in/failed");
    expect(await refusal(signIn(username, password.toUpperCase()))).toBe("sign-in/failed");
    expect(await refusal(signIn(username, `${password} `))).toBe("sign-in/failed");
  });

  test("with a generated password can do nothing before they have changed it", async () => {
    const made = await make(admin, { generated: true, role: "administrator" });
    const browser = await browserOf(server, made);
    const { people, home, history, mail, session } = browser.client;
    for (const call of [
      () => home.overview.query({}),
      () => people.list.query({}),
      () => people.get.query({ id: made.id }),
      () => history.list.query({ subject: made.id }),
      () => people.create.mutate(command(somebody())),
      () => people.deactivate.mutate(on(made.id, {})),
      () => people.resetPassword.mutate(on(made.id, {})),
      () => mail.list.query({}),
      () => mail.get.query({ id: "x" }),
      () => mail.templates.query(),
      () => mail.preview.query({ template: "test-mail" }),
      () => mail.sendAgain.mutate(on("x", {})),
      () => mail.test.mutate(command({})),
    ])
      expect(await refusal(call())).toBe("session/password-change-required");
    const live = await fetch(`${server.url}/live`, { headers: { cookie: browser.cookie() } });
    expect(live.status).toBe(403);
    expect((await session.me.query())?.mustChangePassword).toBe(true);

    const change = { current: made.password, password: PASSWORD };
    await session.changePassword.mutate(command(change));
    expect((await session.me.query())?.mustChangePassword).toBe(false);
    expect((await people.list.query({ limit: 1 })).rows).toHaveLength(1);
    expect(await refusal(signIn(made.username, made.password))).toBe("sign-in/failed");
  });

  test("is shown by a list that was asked for with the answer's position", async () => {
    for (let round = 0; round < 5; round++) {
      const made = await make(admin);
      see(made);
      const { rows, count } = await client.people.list.query({ search: made.username });
      expect([rows.map(({ id }) => id), count]).toEqual([[made.id], 1]);
    }
  });

  // One name, one person: also where the requests arrive together.
  test.each(["username", "email"] as const)("has a %s of their own", async (field) => {
    const first = somebody();
    await client.people.create.mutate(command(first));
    const same = { ...somebody(), [field]: first[field].toUpperCase() };
    expect(await refusal(client.people.create.mutate(command(same)))).toBe(`user/${field}-taken`);

    const wanted = somebody()[field];
    const asked = Array.from({ length: 20 }, () => {
      const data = { ...somebody(), password: PASSWORD, [field]: wanted };
      // Each by itself: in one batch they would not all be taken in.
      return withCookie(admin.cookie()).people.create.mutate(command(data));
    });
    const outcomes = await Promise.allSettled(asked);
    const made = outcomes.filter(({ status }) => status === "fulfilled");
    expect(made).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected")
        expect(outcome.reason.data.refusal.code).toBe(`user/${field}-taken`);
    see(made[0]?.status === "fulfilled" ? made[0].value : { position: 0 });
    expect((await client.people.list.query({ search: wanted })).rows).toHaveLength(1);
    expect(await signIn(wanted, PASSWORD)).not.toBeNull();
  });

  test("is made once, however often the request is repeated", async () => {
    const request = command(somebody());
    const first = await client.people.create.mutate(request);
    const again = await Promise.all([1, 2, 3].map(() => client.people.create.mutate(request)));
    for (const { user, temporaryPassword } of again) {
      expect(user).toBe(first.user);
      expect(temporaryPassword).toBe(first.temporaryPassword);
    }
    see(first);
    const { rows } = await client.people.list.query({ search: request.data.username });
    expect(rows).toHaveLength(1);
    expect(await historyOf(first.user)).toEqual(["MemberAdded", "PasswordAssigned", "UserCreated"]);
  });

  // The answer holds a password: it is for whoever made the request, and nobody else.
  test("is not handed to another administrator who repeats the request", async () => {
    const other = await browserOf(server, await make(admin, { role: "administrator" }));
    const request = command(somebody());
    await client.people.create.mutate(request);
    expect(await refusal(other.client.people.create.mutate(request))).toBe("command/id-reused");
  });

  test("does not get a password that is easily guessed", async () => {
    const person = somebody();
    for (const password of ["aaaaaaaaaaaa", "abcdefghijkl", "daybook12345", person.username]) {
      const call = client.people.create.mutate(command({ ...person, password }));
      expect(await refusal(call)).toMatch(/^password\/(context|pattern)$/);
    }
    const short = client.people.create.mutate(command({ ...person, password: "short" }));
    expect(await refusal(short)).toBe("input/invalid");
  });
});

describe("an e-mail address", () => {
  test("is free for others once its owner has another, and opens the account no more", async () => {
    const made = await make(admin);
    const { email } = somebody();
    see(await client.people.changeEmail.mutate(on(made.id, { email })));
    expect((await client.people.get.query({ id: made.id })).email).toBe(email);
    expect(await refusal(signIn(made.email, PASSWORD))).toBe("sign-in/failed");
    expect((await signIn(email, PASSWORD))?.user.id).toBe(made.id);
    const next = { ...somebody(), email: made.email };
    await expect(client.people.create.mutate(command(next))).resolves.toBeDefined();
    const back = client.people.changeEmail.mutate(on(made.id, { email: made.email }));
    expect(await refusal(back)).toBe("user/email-taken");
  });

  // One command id for two requests once let two people use one address.
  test("is one person's, also where a command id is sent for two", async () => {
    const [first, second] = [await make(admin), await make(admin)];
    const { commandId, data } = command({ email: somebody().email });
    await client.people.changeEmail.mutate({ commandId, id: first.id, data });
    const reused = client.people.changeEmail.mutate({ commandId, id: second.id, data });
    expect(await refusal(reused)).toBe("user/email-taken");

    const creation = command(somebody());
    await client.people.create.mutate(creation);
    const { email } = creation.data;
    const taking = { ...on(second.id, { email }), commandId: creation.commandId };
    expect(await refusal(client.people.changeEmail.mutate(taking))).toBe("user/email-taken");
  });

  test("ends the reset links that were mailed to it", async () => {
    const made = await make(admin);
    await client.session.requestPasswordReset.mutate(command({ email: made.email }));
    const token = await resetToken(server, made.email);
    await client.people.changeEmail.mutate(on(made.id, { email: somebody().email }));
    const spent = connect(server.url).client.session.recoverPassword;
    expect(await refusal(spent.mutate(command({ token, password: ANOTHER })))).toBe(
      "user/reset-link-spent",
    );
  });
});

describe("a changed password", () => {
  test("ends the other sessions and not this browser's", async () => {
    const made = await make(admin);
    const [here, there] = [await browserOf(server, made), await browserOf(server, made)];
    const before = here.cookie();
    await here.client.session.changePassword.mutate(
      command({ current: PASSWORD, password: ANOTHER }),
    );
    expect((await here.client.session.me.query())?.user.id).toBe(made.id);
    expect(await there.client.session.me.query()).toBeNull();
    // The token itself is another one: the old is worth nothing, also where it was stolen.
    expect(here.cookie()).not.toBe(before);
    expect(await withCookie(before).session.me.query()).toBeNull();
    expect(await refusal(signIn(made.username, PASSWORD))).toBe("sign-in/failed");
    expect((await signIn(made.username, ANOTHER))?.user.id).toBe(made.id);
  });

  test("needs the one in force, and is another than that", async () => {
    const browser = await browserOf(server, await make(admin));
    const { changePassword, me } = browser.client.session;
    const change = (current: string, password: string) =>
      refusal(changePassword.mutate(command({ current, password })));
    expect(await change(ANOTHER, ANOTHER.toUpperCase())).toBe("password/wrong");
    expect(await change(PASSWORD, PASSWORD)).toBe("password/same");
    expect(await change(PASSWORD, "daybook daybook")).toBe("password/context");
    expect(await me.query()).not.toBeNull();
  });

  // A new password that is too weak is no guess at the old one: ten of them lock nobody out.
  test("that is refused for the new one's sake counts as no guess", async () => {
    const browser = await browserOf(server, await make(admin));
    const { changePassword } = browser.client.session;
    for (let round = 0; round < 10; round++) {
      const weak = command({ current: PASSWORD, password: "daybook daybook" });
      expect(await refusal(changePassword.mutate(weak))).toBe("password/context");
    }
    await changePassword.mutate(command({ current: PASSWORD, password: ANOTHER }));
  });

  // A stolen session must not be a way to try passwords without end, one command id or many.
  test("cannot be used to guess the old one", async () => {
    const browser = await browserOf(server, await make(admin));
    const { changePassword } = browser.client.session;
    const same = command({ current: "", password: ANOTHER });
    for (let guess = 0; guess < 6; guess++) {
      const current = `not the password ${guess}`;
      const call = changePassword.mutate({ ...same, data: { ...same.data, current } });
      expect(await refusal(call)).toBe("password/wrong");
    }
    const right = changePassword.mutate(command({ current: PASSWORD, password: ANOTHER }));
    expect(await refusal(right)).toBe("password/wrong");
  });
});

describe("an administrator", () => {
  test("does not overwrite what they have not seen", async () => {
    const { id } = await make(admin);
    see(await client.people.rename.mutate(on(id, { firstName: "Ada", lastName: "King" }, 1)));
    for (const revision of [1, 0, -1, 99, Number.MAX_SAFE_INTEGER]) {
      const stale = [
        client.people.rename.mutate(on(id, { firstName: "Eve", lastName: "X" }, revision)),
        client.people.changePhone.mutate(on(id, { phone: "+44 20 7946 0958" }, revision)),
        client.people.changeEmail.mutate(on(id, { email: somebody().email }, revision)),
        client.people.resetPassword.mutate(on(id, {}, revision)),
      ];
      for (const call of stale) expect(await refusal(call)).toBe("revision/changed");
    }
    const person = await client.people.get.query({ id });
    expect(person).toMatchObject({ firstName: "Ada", phone: "", userRevision: 2 });
    const invalid = client.people.rename.mutate(on(id, { firstName: "E", lastName: "X" }, -2));
    expect(await refusal(invalid)).toBe("input/invalid");
  });

  test("deactivates a person, whose next request is already refused", async () => {
    const made = await make(admin, { role: "auditor" });
    const browser = await browserOf(server, made);
    await browser.client.people.list.query({});
    await client.people.deactivate.mutate(on(made.id, {}));
    expect(await refusal(browser.client.people.list.query({}))).toBe("session/required");
    expect(await browser.client.session.me.query()).toBeNull();
    // To the outside it is as if the password were wrong, or there were no such person.
    for (const [name, password] of [
      [made.username, PASSWORD],
      [made.username, ANOTHER],
      [somebody().username, PASSWORD],
    ] as const)
      expect(await refusal(signIn(name, password))).toBe("sign-in/failed");
    see(await client.people.reactivate.mutate(on(made.id, {})));
    // The session of before the deactivation does not come back with the person.
    expect(await browser.client.session.me.query()).toBeNull();
    expect((await signIn(made.username, PASSWORD))?.role).toBe("auditor");
    expect((await client.people.get.query({ id: made.id })).status).toBe("active");
  });

  test("takes a role away from the very next request on", async () => {
    const made = await make(admin, { role: "administrator" });
    const browser = await browserOf(server, made);
    await make(browser);
    await client.people.changeRole.mutate(on(made.id, { role: "auditor" }));
    expect(await refusal(make(browser))).toBe("session/forbidden");
    expect((await browser.client.people.list.query({ limit: 1 })).rows).toHaveLength(1);
    await client.people.changeRole.mutate(on(made.id, { role: "member" }));
    expect(await refusal(browser.client.people.list.query({}))).toBe("session/forbidden");
  });

  test("cannot deactivate, demote or reset themselves", async () => {
    const me = (await client.session.me.query())?.user.id ?? "";
    const { people } = client;
    expect(await refusal(people.deactivate.mutate(on(me, {})))).toBe("membership/self");
    expect(await refusal(people.changeRole.mutate(on(me, { role: "member" })))).toBe(
      "membership/self",
    );
    expect(await refusal(people.resetPassword.mutate(on(me, {})))).toBe("user/reset-self");
    expect((await client.session.me.query())?.role).toBe("administrator");
    // The same for one who came later: it is no privilege of the first.
    const made = await make(admin, { role: "administrator" });
    const browser = await browserOf(server, made);
    const self = browser.client.people.deactivate.mutate(on(made.id, {}));
    expect(await refusal(self)).toBe("membership/self");
  });

  test("resets a password, which ends every session and must be changed", async () => {
    const made = await make(admin);
    const browser = await browserOf(server, made);
    const { temporaryPassword = "" } = await client.people.resetPassword.mutate(on(made.id, {}));
    expect(await browser.client.session.me.query()).toBeNull();
    expect(await refusal(signIn(made.username, PASSWORD))).toBe("sign-in/failed");
    expect((await signIn(made.username, temporaryPassword))?.mustChangePassword).toBe(true);
    const mail = await eventually(async () =>
      (await mailsTo(server, made.email)).find(({ text }) => text.includes(temporaryPassword)),
    );
    expect(mail.to).toBe(made.email);
  });

  // An administrator who shuts somebody out has to be able to rely on the answer.
  test("is not told of a reset that did not happen, under a command id used before", async () => {
    const { id, username } = await make(admin);
    const { commandId, data } = command({ firstName: "Ada", lastName: "King" });
    await client.people.rename.mutate({ commandId, id, data });
    const reset = client.people.resetPassword.mutate({ commandId, id, data: {} });
    expect(await refusal(reset)).toBe("command/id-reused");
    expect(await signIn(username, PASSWORD)).not.toBeNull();
  });

  test("reads at once what they wrote, with every command", async () => {
    const { id } = await make(admin);
    const { people } = client;
    const read = async (outcome: { position: number }) => {
      see(outcome);
      const [person, { rows }] = await Promise.all([
        people.get.query({ id }),
        people.list.query({ search: String((await people.get.query({ id })).username) }),
      ]);
      expect(rows).toEqual([person]);
      return person;
    };
    const { email } = somebody();
    expect(await read(await people.rename.mutate(on(id, { firstName: "B", lastName: "C" })))) //
      .toMatchObject({ firstName: "B", lastName: "C" });
    expect(await read(await people.changePhone.mutate(on(id, { phone: "020 7946 0958" })))) //
      .toMatchObject({ phone: "020 7946 0958" });
    expect(await read(await people.changeEmail.mutate(on(id, { email })))) //
      .toMatchObject({ email });
    expect(await read(await people.changeRole.mutate(on(id, { role: "auditor" })))) //
      .toMatchObject({ role: "auditor" });
    expect(await read(await people.deactivate.mutate(on(id, {})))) //
      .toMatchObject({ status: "inactive" });
    expect(await read(await people.reactivate.mutate(on(id, {})))) //
      .toMatchObject({ status: "active" });
    expect(await read(await people.resetPassword.mutate(on(id, {})))) //
      .toMatchObject({ mustChangePassword: true });
    expect(await historyOf(id)).toEqual([
      ...["PasswordReset", "MemberReactivated", "MemberDeactivated", "MemberRoleChanged"],
      ...["UserEmailChanged", "UserPhoneChanged", "UserRenamed"],
      ...["MemberAdded", "PasswordAssigned", "UserCreated"],
    ]);
  });
});

describe("a role", () => {
  const writes = (of: Connection["client"], { id }: Made) => [
    () => of.people.create.mutate(command(somebody())),
    () => of.people.rename.mutate(on(id, { firstName: "X", lastName: "Y" })),
    () => of.people.changePhone.mutate(on(id, { phone: "" })),
    () => of.people.changeEmail.mutate(on(id, { email: somebody().email })),
    () => of.people.changeRole.mutate(on(id, { role: "administrator" })),
    () => of.people.deactivate.mutate(on(id, {})),
    () => of.people.reactivate.mutate(on(id, {})),
    () => of.people.resetPassword.mutate(on(id, {})),
    () => of.mail.sendAgain.mutate(on("x", {})),
    () => of.mail.test.mutate(command({})),
  ];
  const reads = (of: Connection["client"], { id }: Made): (() => Promise<unknown>)[] => [
    () => of.people.list.query({}),
    () => of.people.get.query({ id }),
    () => of.history.list.query({ subject: id }),
    () => of.mail.list.query({}),
    () => of.mail.templates.query(),
    () => of.mail.preview.query({ template: "account-created" }),
  ];

  // No right over others comes with being the person in question, so both try it on themselves.
  test.each(["auditor", "member"] as const)(
    "%s changes nobody, not even themselves",
    async (role) => {
      const made = await make(admin, { role });
      const victim = await make(admin);
      const browser = await browserOf(server, made);
      for (const target of [made, victim])
        for (const call of writes(browser.client, target))
          expect(await refusal(call())).toBe("session/forbidden");
      expect((await browser.client.session.me.query())?.role).toBe(role);
      expect(await historyOf(victim.id)).toEqual([
        "MemberAdded",
        "PasswordAssigned",
        "UserCreated",
      ]);
    },
  );

  test("auditor reads what is there; member nothing, not even themselves", async () => {
    const [auditor, member] = [await make(admin, { role: "auditor" }), await make(admin)];
    const auditing = await browserOf(server, auditor);
    for (const read of reads(auditing.client, auditor)) await expect(read()).resolves.toBeDefined();
    const being = await browserOf(server, member);
    for (const read of reads(being.client, member))
      expect(await refusal(read())).toBe("session/forbidden");
  });
});

describe("a reset link", () => {
  const request = (email: string) =>
    connect(server.url).client.session.requestPasswordReset.mutate(command({ email }));
  const recover = (token: string, password = ANOTHER) =>
    connect(server.url).client.session.recoverPassword.mutate(command({ token, password }));

  test("is asked for with the same answer, whoever the address is of", async () => {
    const [known, inactive] = [await make(admin), await make(admin)];
    await client.people.deactivate.mutate(on(inactive.id, {}));
    const answers = await Promise.all(
      [known.email, inactive.email, somebody().email, known.email.toUpperCase()].map((email) =>
        ask(
          `${server.url}/trpc/session.requestPasswordReset`,
          post(JSON.stringify(command({ email }))),
        ),
      ),
    );
    for (const { status, text, headers } of answers) {
      expect([status, text]).toEqual([200, '{"result":{"data":{}}}']);
      expect(headers.getSetCookie()).toEqual([]);
    }
  });

  test("opens the account once, ends its sessions, and is spent", async () => {
    const made = await make(admin);
    const browser = await browserOf(server, made);
    await request(made.email);
    const token = await resetToken(server, made.email);
    await recover(token);
    expect(await browser.client.session.me.query()).toBeNull();
    expect((await signIn(made.username, ANOTHER))?.mustChangePassword).toBe(false);
    expect(await refusal(recover(token, PASSWORD))).toBe("user/reset-link-spent");
    expect(await refusal(signIn(made.username, PASSWORD))).toBe("sign-in/failed");
  });

  test("is worth nothing with one character changed, in any of its parts", async () => {
    const made = await make(admin);
    await request(made.email);
    const token = await resetToken(server, made.email);
    const changed = [0, 20, 36, 37, 60, 73, 74, 90, token.length - 1].map((at) => {
      const other = token[at] === "a" ? "b" : "a";
      return token.slice(0, at) + other + token.slice(at + 1);
    });
    const others = [`${token}a`, `${token}.`, `${token}.a`, token.slice(0, -1), ` ${token}`, ".."];
    for (const forged of [...changed, ...others, token.toUpperCase()])
      expect([forged, await refusal(recover(forged))]).toEqual([forged, "user/reset-link-spent"]);
    await recover(token);
  });

  test("does not open another person's account", async () => {
    const [mine, theirs] = [await make(admin), await make(admin)];
    await Promise.all([request(mine.email), request(theirs.email)]);
    const [of = "", , proof] = (await resetToken(server, mine.email)).split(".");
    const [victim, asked] = (await resetToken(server, theirs.email)).split(".");
    for (const forged of [`${victim}.${asked}.${proof}`, `${of}.${asked}.${proof}`])
      expect(await refusal(recover(forged))).toBe("user/reset-link-spent");
    expect((await signIn(theirs.username, PASSWORD))?.user.id).toBe(theirs.id);
  });

  test.each<[string, (made: Made, browser: Connection) => Promise<unknown>]>([
    ["an administrator's reset", ({ id }) => client.people.resetPassword.mutate(on(id, {}))],
    [
      "a change of the password",
      (_, { client }) =>
        client.session.changePassword.mutate(command({ current: PASSWORD, password: ANOTHER })),
    ],
    [
      "another link that was used",
      async ({ email }) => {
        await request(email);
        await recover(await resetToken(server, email, 2));
      },
    ],
  ])("is worth nothing after %s", async (_, happens) => {
    const made = await make(admin);
    const browser = await browserOf(server, made);
    await request(made.email);
    const token = await resetToken(server, made.email);
    await happens(made, browser);
    expect(await refusal(recover(token, "nine paper boats in rain"))).toBe("user/reset-link-spent");
  });

  test("of two that arrive together opens the account for one", async () => {
    const made = await make(admin);
    await request(made.email);
    const token = await resetToken(server, made.email);
    const passwords = Array.from({ length: 8 }, (_, at) => `eight green apples ${at}`);
    const outcomes = await Promise.allSettled(passwords.map((one) => recover(token, one)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    await signIn(made.username, passwords[winner] ?? "");
  });

  test("is mailed three times an hour at most", async () => {
    const made = await make(admin);
    for (let round = 0; round < 6; round++) await request(made.email);
    await eventually(async () => {
      const rows = await historyOf(made.id);
      return rows.filter((type) => type === "PasswordResetRequested").length === 3 || undefined;
    });
  });

  test("does not undo a deactivation", async () => {
    const made = await make(admin);
    await request(made.email);
    const token = await resetToken(server, made.email);
    await client.people.deactivate.mutate(on(made.id, {}));
    await recover(token).catch(() => undefined);
    expect(await refusal(signIn(made.username, ANOTHER))).toBe("sign-in/failed");
  });
});

describe("guessing", () => {
  // Counted before it is checked: of guesses that arrive together no more are tried than of guesses
  // one after another, and the right password among them opens nothing once the limit is reached.
  test("30 at once pauses the address, and the history tells", async () => {
    const made = await make(admin);
    const guesses = Array.from({ length: 30 }, (_, at) =>
      signInFrom("198.51.100.7", made.username, `a wrong guess ${at}`),
    );
    for (const answer of await Promise.all(guesses)) expect(answer).toBe("sign-in/failed");
    expect(await signInFrom("198.51.100.7", made.username, PASSWORD)).toBe("sign-in/failed");
    // The neighbours of the address are the same attacker.
    expect(await signInFrom("198.51.100.250", made.email, PASSWORD)).toBe("sign-in/failed");

    const { position } = await client.people.rename.mutate(
      on(made.id, { firstName: "Sam", lastName: "Tester" }),
    );
    see({ position });
    const history = await historyOf(made.id);
    const failed = history.filter((type) => type === "SignInFailed").length;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThanOrEqual(5);
    expect(history).toContain("SignInRefused");
    expect(history).not.toContain("SignInSucceeded");
  });

  test("by strangers does not lock out a person where they signed in before", async () => {
    const made = await make(admin);
    expect(await signInFrom("203.0.113.9", made.username, PASSWORD)).toBe("signed in");
    for (let at = 0; at < 25; at++)
      await signInFrom(`198.51.${at}.1`, made.username, `a wrong guess ${at}`);
    expect(await signInFrom("192.0.2.33", made.username, PASSWORD)).toBe("sign-in/failed");
    expect(await signInFrom("203.0.113.77", made.username, PASSWORD)).toBe("signed in");
  });

  // A guess that is not even checked, or at nobody's name, must not be over sooner than one that is.
  test("takes a while, whatever is wrong", async () => {
    const made = await make(admin);
    for (let at = 0; at < 6; at++)
      await signInFrom("198.51.100.11", made.username, `a wrong guess ${at}`);
    for (const name of [made.username, somebody().username]) {
      const started = Date.now();
      expect(await signInFrom("198.51.100.11", name, PASSWORD)).toBe("sign-in/failed");
      // A lower bound: a slow machine only adds to it.
      expect(Date.now() - started).toBeGreaterThanOrEqual(95);
    }
  });

  test("at a name that nobody has is answered and paused like any other", async () => {
    const { username } = somebody();
    for (let at = 0; at < 8; at++)
      expect(await signInFrom("198.51.100.8", username, PASSWORD)).toBe("sign-in/failed");
    // Whoever then gets the name does not inherit the guesses made at it.
    const person = { ...somebody(), username, password: PASSWORD };
    await client.people.create.mutate(command(person));
    expect(await signInFrom("198.51.100.8", username, PASSWORD)).toBe("signed in");
  });

  test("is forgiven by an administrator's reset", async () => {
    const made = await make(admin);
    for (let at = 0; at < 6; at++)
      await signInFrom("198.51.100.9", made.username, `a wrong guess ${at}`);
    expect(await signInFrom("198.51.100.9", made.username, PASSWORD)).toBe("sign-in/failed");
    const { temporaryPassword = "" } = await client.people.resetPassword.mutate(on(made.id, {}));
    expect(await signInFrom("198.51.100.9", made.username, temporaryPassword)).toBe("signed in");
  });

  // What a client says about itself is believed only from the proxy that it was configured with.
  test("is not hidden by an invented address behind the proxy's", async () => {
    const made = await make(admin);
    for (let at = 0; at < 6; at++)
      await signInFrom(`10.0.${at}.1, 198.51.100.10`, made.username, `a wrong guess ${at}`);
    expect(await signInFrom("198.51.100.10", made.username, PASSWORD)).toBe("sign-in/failed");
  });
});

test("signing out ends the session on the server, and another sign-in ends the one before", async () => {
  const made = await make(admin);
  const browser = await browserOf(server, made);
  const first = browser.cookie();
  await browser.signIn(made.username, PASSWORD);
  const second = browser.cookie();
  await browser.client.session.signOut.mutate();
  for (const cookie of [first, second])
    expect(await withCookie(cookie).session.me.query()).toBeNull();
});

test("ids that a client makes are UUIDv7, and nothing else", async () => {
  const { id } = await make(admin);
  const rename = (commandId: string, person = id) =>
    client.people.rename.mutate({
      ...{ commandId, id: person },
      data: { firstName: "A", lastName: "B" },
    });
  for (const odd of ["", "1", "../x", crypto.randomUUID(), v7().toUpperCase().slice(1)])
    expect(await refusal(rename(odd))).toBe("input/invalid");
  for (const odd of ["", "$all", `${id}.x`, `user-${id}`])
    expect(await refusal(rename(v7(), odd))).toBe("input/invalid");
});
