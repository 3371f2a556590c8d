import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { memberships } from "./memberships.ts";

const of = (type: string, data: Record<string, unknown> = {}) => ({
  type,
  stream: "membership-acme.grace",
  data,
});
const added = of("MemberAdded", { user: "grace", role: "member" });
const promoted = of("MemberRoleChanged", { role: "administrator" });
const deactivated = of("MemberDeactivated");
const reactivated = of("MemberReactivated");
const id = "acme.grace";

describe("memberships", () => {
  test("begin active, with a role", () =>
    given(memberships)(added).then({
      ...{ id, organization: "acme", user: "grace", role: "member", status: "active" },
    }));

  test("follow the role", () =>
    given(memberships)(added, promoted).then({ id, role: "administrator", status: "active" }));

  test("are deactivated, and keep the role", () =>
    given(memberships)(added, promoted, deactivated).then({
      ...{ id, role: "administrator", status: "inactive" },
    }));

  test("are reactivated", () =>
    given(memberships)(added, deactivated, reactivated).then({ id, status: "active" }));

  test("of two organizations are two", () =>
    given(memberships)(
      added,
      { ...added, stream: "membership-globex.grace", meta: { organization: "globex" } },
      deactivated,
    ).then(
      { id, organization: "acme", status: "inactive" },
      { id: "globex.grace", organization: "globex", user: "grace", status: "active" },
    ));
});
