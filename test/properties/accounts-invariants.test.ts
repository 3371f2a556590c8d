import { claim, membership, organization, user } from "@daybook/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Ask, asksOf, eventsOf, HOUR_MS, SELF, type Step, walk } from "./walk.ts";

/** Checks an invariant on many walks. */
const holds = <S>(walks: fc.Arbitrary<Step<S>[]>, invariant: (steps: Step<S>[]) => void) =>
  fc.assert(fc.property(walks, invariant), { numRuns: 500 });

describe("a claim", () => {
  const walks = asksOf(claim).map((asks) => walk(claim, asks));

  // Two people who use one value is what claims are there against.
  test("is never taken from its holder by who does not name the token it is held with", () =>
    holds(walks, (steps) => {
      for (const { before, after, data } of steps)
        if (before.holder && before.holder.token !== (data.instead ?? data.token))
          expect(after).toEqual(before);
    }));

  test("is held as its last event says, and by whom it was taken for", () =>
    holds(walks, (steps) => {
      for (const { events, after, before, at } of steps) {
        const [event] = events;
        expect(events.length).toBeLessThan(2);
        const { owner, token } = event?.data ?? {};
        if (event?.type === "ClaimTaken") expect(after.holder).toEqual({ owner, token, at });
        if (event?.type === "ClaimReleased") expect(before.holder?.token).toBe(token);
        if (event?.type === "ClaimReleased") expect(after.holder).toBeUndefined();
      }
    }));

  test("that nobody holds is anybody's", () =>
    holds(walks, (steps) => {
      for (const { type, before, after, data } of steps)
        if (type === "TakeClaim" && !before.holder)
          expect(after.holder).toMatchObject({ owner: data.owner, token: data.token });
    }));
});

type User = typeof user.initial;

describe("a person", () => {
  /** Credentials and requests are new each time, as ids are; "one" stands for what is in force. */
  const relate = (data: Ask["data"], state: User, index: number) => ({
    ...data,
    ...("credential" in data && { credential: `credential ${index}` }),
    ...("verified" in data && data.verified === "one" && { verified: state.credential }),
  });
  const asks = asksOf(user, {
    // Most people are created, so that the other commands have somebody to be about.
    weights: { CreateUser: 5, ForfeitClaim: 2, RequestPasswordReset: 4, RecoverPassword: 4 },
    maxLength: 40,
  });
  const walks = asks.map((given) => walk(user, given, relate));
  const passwordEvents = ["PasswordAssigned", "PasswordReset", "PasswordChanged"];
  const isNewPassword = (type: string) => [...passwordEvents, "PasswordRecovered"].includes(type);

  test("who was created stays so, and who was shut out is never created", () =>
    holds(walks, (steps) => {
      for (const { before, after } of steps)
        if (before.status !== "unknown") expect(after.status).toBe(before.status);
      const types = eventsOf(steps).map(({ type }) => type);
      const starts = types.filter((type) => type === "UserCreated" || type === "UserAbandoned");
      expect(starts.length).toBeLessThan(2);
      expect(starts).toEqual(types.slice(0, starts.length));
    }));

  test("has the credential of the last new password, and no other way to a new one", () =>
    holds(walks, (steps) => {
      for (const { events, before, after } of steps) {
        const given = events.findLast(({ type }) => isNewPassword(type));
        expect(after.credential).toBe(given?.data.credential ?? before.credential);
        if (given) expect(after.credential).not.toBe(before.credential);
      }
    }));

  test("changes the password only against the one in force, and never resets their own", () =>
    holds(walks, (steps) => {
      for (const { type, data, before, by, events } of steps) {
        if (events.length === 0) continue;
        if (type === "ChangePassword") expect(data.verified).toBe(before.credential);
        if (type === "ResetPassword") expect(by).not.toBe(SELF);
      }
    }));

  // Both ways: a link in force opens the account, and none other ever does.
  test("is let in by a reset link once, before its end, with the address it was sent to", () =>
    holds(walks, (steps) => {
      const open = new Map<string, string>();
      for (const { type, data, at, events } of steps) {
        const request = String(data.request);
        if (type === "RecoverPassword") {
          const expiresAt = open.get(request);
          expect(events.length > 0).toBe(expiresAt !== undefined && expiresAt > at);
        }
        for (const one of events) {
          if (isNewPassword(one.type) || one.type === "UserEmailChanged") open.clear();
          if (one.type === "PasswordResetRequested") open.set(request, String(data.expiresAt));
        }
      }
    }));

  test("is mailed three reset links an hour at most, and those", () =>
    holds(walks, (steps) => {
      const asked: number[] = [];
      for (const { type, at, events, before } of steps) {
        if (type !== "RequestPasswordReset" || before.status !== "created") continue;
        const recent = asked.filter((one) => Date.parse(at) - one < HOUR_MS);
        expect(events).toHaveLength(recent.length < 3 ? 1 : 0);
        if (events.length > 0) asked.push(Date.parse(at));
      }
    }));

  test("neither uses what they were shut out of, nor is shut out of what they use", () =>
    holds(walks, (steps) => {
      for (const { type, data, before, events } of steps) {
        const { name, token } = (data.claim ?? {}) as { name?: string; token?: string };
        if (events.length === 0) continue;
        if (type === "ChangeUserEmail") expect(before.forfeited).not.toContain(token);
        if (type === "ForfeitClaim")
          expect([before.email.name, before.username.name]).not.toContain(name);
      }
    }));

  test("who was shut out of a taking stays so", () =>
    holds(walks, (steps) => {
      for (const { before, after } of steps)
        expect(after.forfeited.slice(0, before.forfeited.length)).toEqual(before.forfeited);
    }));
});

describe("a membership", () => {
  const walks = asksOf(membership, { weights: { ChangeMemberRole: 2 } }).map((asks) =>
    walk(membership, asks),
  );

  test("is of one person, from its first event on", () =>
    holds(walks, (steps) => {
      const added = eventsOf(steps).filter(({ type }) => type === "MemberAdded");
      expect(added.length).toBeLessThan(2);
      const types = eventsOf(steps).map(({ type }) => type);
      expect(types.indexOf("MemberAdded")).toBeLessThan(1);
      if (types.length > 0) expect(steps.at(-1)?.after.user).toBe(added[0]?.data.user);
    }));

  // Otherwise an organization could be left without anybody who administers it.
  test("is not taken away or changed by who it belongs to", () =>
    holds(walks, (steps) => {
      for (const { before, by, events } of steps)
        for (const { type } of events)
          if (type === "MemberDeactivated" || type === "MemberRoleChanged")
            expect(by).not.toBe(before.user);
    }));

  test("is what its events say, and each of them changes it", () =>
    holds(walks, (steps) => {
      for (const { before, after, events } of steps) {
        if (events.length > 0) expect(after).not.toEqual(before);
        for (const { type, data } of events) {
          if ("role" in data) expect(after.role).toBe(data.role);
          expect(after.status).toBe(
            type === "MemberRoleChanged"
              ? before.status
              : type === "MemberDeactivated"
                ? "inactive"
                : "active",
          );
        }
      }
    }));
});

test("an organization is created once", () =>
  holds(
    asksOf(organization).map((asks) => walk(organization, asks)),
    (steps) => {
      expect(eventsOf(steps).map(({ type }) => type)).toEqual(["OrganizationCreated"]);
      for (const { refusal } of steps.slice(1)) expect(refusal?.code).toBe("organization/exists");
    },
  ));
