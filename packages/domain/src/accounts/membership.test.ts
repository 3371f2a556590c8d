import { describe, expect, test } from "vitest";
import { spec } from "../kernel/spec.ts";
import { membership, membershipId } from "./membership.ts";

const { given } = spec(membership);

const added = { type: "MemberAdded" as const, data: { user: "grace", role: "member" as const } };
const addedAda = { type: "MemberAdded" as const, data: { user: "ada", role: "member" as const } };
const promoted = { type: "MemberRoleChanged" as const, data: { role: "auditor" as const } };
const deactivated = { type: "MemberDeactivated" as const, data: {} };
const reactivated = { type: "MemberReactivated" as const, data: {} };

const add = { type: "AddMember", data: added.data };
const promote = { type: "ChangeMemberRole", data: promoted.data };
const demote = { type: "ChangeMemberRole", data: { role: "member" } };
const deactivate = { type: "DeactivateMember", data: {} };
const reactivate = { type: "ReactivateMember", data: {} };

describe("adding", () => {
  test("gives a place with a role", () => given().when(add).then(added));
  test("twice changes nothing", () => given(added).when(add).then());

  // A creation that is repeated late must not let somebody in again who was shut out since.
  test("does not reactivate", () => {
    given(added, deactivated).when(add).then();
    given(added, deactivated).when(reactivate).then(reactivated);
  });

  test("with another role changes nothing", () => given(added, promoted).when(add).then());
});

test.each([promote, deactivate, reactivate])("without a place there is no $type", (command) =>
  given().when(command).refuses("membership/unknown"),
);

describe("the role", () => {
  test("is changed", () => given(added).when(promote).then(promoted));
  test("that one has already changes nothing", () => given(added).when(demote).then());
  test("after a change is the new one", () => given(added, promoted).when(promote).then());
  test("can be changed back", () =>
    given(added, promoted)
      .when(demote)
      .then({ type: "MemberRoleChanged", data: { role: "member" } }));
  test("of somebody inactive is changed too", () =>
    given(added, deactivated).when(promote).then(promoted));
});

describe("deactivating", () => {
  test("takes access away", () => given(added).when(deactivate).then(deactivated));
  test("twice changes nothing", () => given(added, deactivated).when(deactivate).then());
  test("is possible again after reactivating", () =>
    given(added, deactivated, reactivated).when(deactivate).then(deactivated));
});

describe("reactivating", () => {
  test("gives access back", () => given(added, deactivated).when(reactivate).then(reactivated));
  test("somebody active changes nothing", () => given(added).when(reactivate).then());
});

// An organization keeps whoever administers it now: nobody can lock themselves out by mistake.
describe("of oneself", () => {
  test("the role cannot be changed", () =>
    given(addedAda).when(promote, { by: "ada" }).refuses("membership/self"));
  test("access cannot be taken away", () =>
    given(addedAda).when(deactivate, { by: "ada" }).refuses("membership/self"));
  test("what is so already is no refusal", () =>
    given(addedAda).when(demote, { by: "ada" }).then());
});

test("a membership is named by organization and person", () =>
  expect(membershipId("acme", "grace")).toBe("acme.grace"));
