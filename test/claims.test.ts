import {
  type App,
  changeEmail,
  createPerson,
  deriveId,
  type Envelope,
  openApp,
  readAccount,
} from "@daybook/application";
import { Refusal, type Role, user } from "@daybook/domain";
import { describe, expect, test } from "vitest";
import { takeClaim } from "../packages/application/src/accounts/claims.ts";
import { temporaryFolder } from "./support/folder.ts";

const ACME = "019b7a2c-6c00-7000-8000-00000000acee";
const ROOT = "019b7a2c-6c00-7000-8000-000000000000";

let asked = 0;
/** A request of an administrator, under a command id of its own unless one is given. */
const envelope = (commandId = deriveId(ROOT, "request", ++asked)): Envelope => ({
  commandId,
  actor: { kind: "user", id: "ada" },
  organization: ACME,
});

const grace = {
  username: "grace",
  email: "grace@navy.example",
  firstName: "Grace",
  lastName: "Hopper",
  phone: "",
  role: "member" as Role,
  password: "nanoseconds are 11.8 inches",
};
const other = (username: string) => ({ ...grace, username });
const withEmail = (username: string, email: string) => ({ ...grace, username, email });

const refusal = async (asking: Promise<unknown>): Promise<string> => {
  const error = await asking.then(
    () => "nothing was refused",
    (one: unknown) => one,
  );
  return error instanceof Refusal ? error.code : String(error);
};

describe("unique values", () => {
  const place = temporaryFolder();
  let clock = Date.parse("2026-01-01T12:00:00.000Z");
  const pass = (seconds: number) => {
    clock += seconds * 1000;
  };
  const opened = (): Promise<App> =>
    place.opened(openApp({ data: place.path(), key: undefined }, () => new Date(clock)));

  /** Whoever has this address according to the history, not to any view. */
  async function usersOf(app: App, email: string): Promise<string[]> {
    const addresses = new Map<string, unknown>();
    for await (const { stream, data } of app.events.readAll({
      types: ["UserCreated", "UserEmailChanged"],
    }))
      addresses.set(stream, data.email);
    return [...addresses].filter(([, one]) => one === email).map(([stream]) => stream);
  }

  test("of 20 people created at once with one e-mail address, one is", async () => {
    const app = await opened();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => createPerson(app, other(`grace${n}`), envelope())),
    );
    const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toHaveLength(19);
    for (const reason of refused) expect(reason).toMatchObject({ code: "user/email-taken" });
    expect(await usersOf(app, grace.email)).toHaveLength(1);
  });

  test("of 20 people created at once with one username, one is, and no address is lost", async () => {
    const app = await opened();
    const addresses = Array.from({ length: 20 }, (_, n) => `grace${n}@navy.example`);
    const outcomes = await Promise.allSettled(
      addresses.map((email) => createPerson(app, { ...grace, email }, envelope())),
    );
    const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toHaveLength(19);
    for (const reason of refused) expect(reason).toMatchObject({ code: "user/username-taken" });
    // At once, with no waiting: those refused gave free what they had taken before.
    const again = await Promise.allSettled(
      addresses.map((email, n) => createPerson(app, withEmail(`other${n}`, email), envelope())),
    );
    expect(again.filter(({ status }) => status === "fulfilled")).toHaveLength(19);
  });

  test("an address is free again after its owner changed it", async () => {
    const app = await opened();
    const { user: first } = await createPerson(app, grace, envelope());
    expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
    await changeEmail(app, first, { email: "hopper@navy.example" }, envelope(), {});
    const { user: second } = await createPerson(app, other("mary"), envelope());
    expect(await usersOf(app, grace.email)).toEqual([`user-${second}`]);
    expect(await readAccount(app, first)).toMatchObject({ email: "hopper@navy.example" });
    const back = changeEmail(app, first, { email: grace.email }, envelope(), {});
    expect(await refusal(back)).toBe("user/email-taken");
  });

  test("an address that was wanted by a change that was refused is free", async () => {
    const app = await opened();
    const { user: first } = await createPerson(app, grace, envelope());
    const stale = changeEmail(app, first, { email: "new@navy.example" }, envelope(), {
      expectedRevision: 0,
    });
    expect(await refusal(stale)).toBe("revision/changed");
    await createPerson(app, withEmail("mary", "new@navy.example"), envelope());
  });

  test("of 10 people who change to one address at once, one does", async () => {
    const app = await opened();
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        createPerson(app, withEmail(`grace${n}`, `grace${n}@navy.example`), envelope()),
      ),
    );
    const outcomes = await Promise.allSettled(
      people.map((one) =>
        changeEmail(app, one.user, { email: "boss@navy.example" }, envelope(), {}),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await usersOf(app, "boss@navy.example")).toHaveLength(1);
  });

  describe("left by a creation that crashed", () => {
    /** The claim is taken, and nothing else happens: the program died there. */
    async function crashed(app: App) {
      const request = envelope();
      const person = deriveId(request.commandId, "user");
      const about = { ...request, subject: person };
      const emailClaim = await takeClaim(app, "email", grace.email, person, about);
      return { request, person, emailClaim };
    }

    test("are not given away while the creation may be under way", async () => {
      const app = await opened();
      await crashed(app);
      pass(29);
      expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
    });

    test("are taken over after that, also after a restart", async () => {
      const before = await opened();
      await crashed(before);
      await place.closed(before);
      pass(31);
      const app = await opened();
      const { user: second } = await createPerson(app, other("mary"), envelope());
      expect(await usersOf(app, grace.email)).toEqual([`user-${second}`]);
    });

    test("are taken over by one of many who want them", async () => {
      const app = await opened();
      await crashed(app);
      pass(31);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => createPerson(app, other(`mary${n}`), envelope())),
      );
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await usersOf(app, grace.email)).toHaveLength(1);
    });

    // Safety does not rest on the clock: whoever was only slow must find the door shut.
    test("are of no use to an owner that was only paused", async () => {
      const app = await opened();
      const { request, person, emailClaim } = await crashed(app);
      pass(31);
      const { user: second } = await createPerson(app, other("mary"), envelope());
      const { role, password, ...identity } = grace;
      const data = {
        ...{ ...identity, homeRole: role, emailClaim, usernameClaim: emailClaim },
        ...{ credential: "credential", hash: "hash", temporary: false },
      };
      const resumed = app.execute(user, person, { type: "CreateUser", data }, request);
      expect(await refusal(resumed)).toBe("user/abandoned");
      expect(await usersOf(app, grace.email)).toEqual([`user-${second}`]);
    });

    test("are not used by a retry that comes after the take-over", async () => {
      const app = await opened();
      const { request } = await crashed(app);
      pass(31);
      const { user: second } = await createPerson(app, other("mary"), envelope());
      expect(await refusal(createPerson(app, grace, request))).toMatch(/^user\//);
      pass(31);
      expect(await refusal(createPerson(app, grace, request))).toMatch(/^user\//);
      expect(await usersOf(app, grace.email)).toEqual([`user-${second}`]);
    });

    test("are used by a retry that comes before anybody else", async () => {
      const app = await opened();
      const { request, person } = await crashed(app);
      pass(31);
      expect(await createPerson(app, grace, request)).toMatchObject({ user: person });
      expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
    });
  });

  describe("a change that crashed", () => {
    test("behind the claim leaves an address that can be taken over, and shuts it out", async () => {
      const app = await opened();
      const { user: first } = await createPerson(app, grace, envelope());
      const request = { ...envelope(), subject: first };
      const claim = await takeClaim(app, "email", "new@navy.example", first, request);
      pass(31);
      await createPerson(app, withEmail("mary", "new@navy.example"), envelope());
      const data = { email: "new@navy.example", claim };
      const resumed = app.execute(user, first, { type: "ChangeUserEmail", data }, request);
      expect(await refusal(resumed)).toBe("user/email-taken");
      expect(await usersOf(app, "new@navy.example")).toHaveLength(1);
    });

    test("before it gave the old address free leaves one that can be taken over", async () => {
      const app = await opened();
      const { user: first } = await createPerson(app, grace, envelope());
      const request = { ...envelope(), subject: first };
      const claim = await takeClaim(app, "email", "new@navy.example", first, request);
      const data = { email: "new@navy.example", claim };
      await app.execute(user, first, { type: "ChangeUserEmail", data }, request);
      expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
      pass(31);
      await createPerson(app, other("mary"), envelope());
      expect(await usersOf(app, grace.email)).toHaveLength(1);
    });
  });

  test("an address that is in use is never taken over", async () => {
    const app = await opened();
    await createPerson(app, grace, envelope());
    pass(3_600_000);
    expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
  });

  describe("repeated requests", () => {
    // The answer may have been lost: a client that asks again must not make a second person.
    test("the same command makes the same person, once", async () => {
      const app = await opened();
      const request = envelope();
      const first = await createPerson(app, grace, request);
      const again = await createPerson(app, grace, request);
      expect(again).toMatchObject({ user: first.user, repeated: true });
      expect(await usersOf(app, grace.email)).toEqual([`user-${first.user}`]);
    });

    test("20 times at once too", async () => {
      const app = await opened();
      const request = envelope();
      const people = await Promise.all(
        Array.from({ length: 20 }, () => createPerson(app, grace, request)),
      );
      expect(new Set(people.map((one) => one.user)).size).toBe(1);
      expect(await usersOf(app, grace.email)).toHaveLength(1);
    });

    test("a generated password is the same in every answer", async () => {
      const app = await opened();
      const request = envelope();
      const { password: _, ...generated } = grace;
      const first = await createPerson(app, generated, request);
      expect(first.temporaryPassword).toHaveLength(16);
      const again = await createPerson(app, generated, request);
      expect(again.temporaryPassword).toBe(first.temporaryPassword);
    });

    test("of somebody else under the same id are refused", async () => {
      const app = await opened();
      const request = envelope();
      await createPerson(app, grace, request);
      const stranger = { ...request, actor: { kind: "user", id: "mallory" } } as const;
      expect(await refusal(createPerson(app, grace, stranger))).toBe("command/id-reused");
    });

    // The first try took the address, failed at the username and gave the address free. That it once
    // had it must not let the second try use what is somebody else's by now.
    test("that were refused do not come back to a claim that they gave free", async () => {
      const app = await opened();
      await createPerson(app, withEmail("grace", "first@navy.example"), envelope());
      const request = envelope();
      expect(await refusal(createPerson(app, grace, request))).toBe("user/username-taken");
      const { user: second } = await createPerson(app, other("mary"), envelope());
      expect(await refusal(createPerson(app, other("joan"), request))).toBe("user/email-taken");
      expect(await usersOf(app, grace.email)).toEqual([`user-${second}`]);
    });

    test("that were refused may be mended and asked again", async () => {
      const app = await opened();
      await createPerson(app, withEmail("grace", "first@navy.example"), envelope());
      const request = envelope();
      expect(await refusal(createPerson(app, grace, request))).toBe("user/username-taken");
      await createPerson(app, other("joan"), request);
      expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
      pass(31);
      expect(await refusal(createPerson(app, other("mary"), envelope()))).toBe("user/email-taken");
    });

    test("of a change that was refused hold the address they then use", async () => {
      const app = await opened();
      const { user: first, revision } = await createPerson(app, grace, envelope());
      const request = envelope();
      const to = { email: "new@navy.example" };
      const stale = changeEmail(app, first, to, request, { expectedRevision: revision - 1 });
      expect(await refusal(stale)).toBe("revision/changed");
      await changeEmail(app, first, to, request, { expectedRevision: revision });
      const mary = createPerson(app, withEmail("mary", to.email), envelope());
      expect(await refusal(mary)).toBe("user/email-taken");
      expect(await usersOf(app, to.email)).toEqual([`user-${first}`]);
    });

    test("that are late find the same person, though the address is somebody else's now", async () => {
      const app = await opened();
      const request = envelope();
      const { user: first } = await createPerson(app, grace, request);
      await changeEmail(app, first, { email: "new@navy.example" }, envelope(), {});
      const { user: second } = await createPerson(app, other("mary"), envelope());
      expect(await createPerson(app, grace, request)).toMatchObject({ user: first });
      expect(await usersOf(app, grace.email)).toEqual([`user-${second}`]);
    });

    // A change that was done long ago must not give free the address that is in use today.
    test("of an older change leave the address in use as it is", async () => {
      const app = await opened();
      const { user: first } = await createPerson(app, grace, envelope());
      const request = envelope();
      await changeEmail(app, first, { email: "b@navy.example" }, request, {});
      await changeEmail(app, first, { email: "c@navy.example" }, envelope(), {});
      await changeEmail(app, first, { email: "b@navy.example" }, request, {});
      expect(await readAccount(app, first)).toMatchObject({ email: "c@navy.example" });
      const taken = createPerson(app, withEmail("mary", "c@navy.example"), envelope());
      expect(await refusal(taken)).toBe("user/email-taken");
      await createPerson(app, withEmail("joan", "b@navy.example"), envelope());
    });
  });
});
