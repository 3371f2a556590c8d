import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { headcounts } from "./headcounts.ts";

const of = (type: string, user: string, organization = "acme") => ({
  ...{ type, stream: `membership-${organization}.${user}`, data: { user, role: "member" } },
  meta: { organization, subject: user },
});
const [ada, grace] = [of("MemberAdded", "ada"), of("MemberAdded", "grace")];

describe("headcounts", () => {
  test("begin with the first person of an organization", () =>
    given(headcounts)(ada).then({ id: "acme", organization: "acme", active: 1, inactive: 0 }));

  test("count people as they come, go and come back", () => {
    const gone = of("MemberDeactivated", "ada");
    given(headcounts)(ada, grace).then({ active: 2, inactive: 0 });
    given(headcounts)(ada, grace, gone).then({ active: 1, inactive: 1 });
    given(headcounts)(ada, grace, gone, of("MemberReactivated", "ada")).then({
      ...{ active: 2, inactive: 0 },
    });
  });

  test("do not change with roles", () =>
    given(headcounts)(ada, of("MemberRoleChanged", "ada")).then({ active: 1, inactive: 0 }));

  test("are those of each organization", () =>
    given(headcounts)(ada, grace, of("MemberAdded", "mary", "globex")).then(
      { id: "acme", active: 2 },
      { id: "globex", organization: "globex", active: 1 },
    ));
});
