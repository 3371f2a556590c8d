import { describe, expect, test } from "vitest";
import { spec } from "../kernel/spec.ts";
import { organization, organizationCode } from "./organization.ts";

const { given } = spec(organization);

const created = {
  type: "OrganizationCreated" as const,
  data: { code: "acme-works", name: "Acme Works" },
};
const create = { type: "CreateOrganization", data: { code: " ACME-Works ", name: " Acme Works " } };

test("creating records the code as it is compared, and the name", () =>
  given().when(create).then(created));

test("creating twice is refused", () => given(created).when(create).refuses("organization/exists"));

describe("a code", () => {
  test.each(["ab", "7a", "acme-works", "x".repeat(32)])("%j is accepted", (code) =>
    expect(organizationCode.parse(code)).toBe(code),
  );
  test.each(["", "a", "-acme", "acme works", "acme_works", "ümlaut", "x".repeat(33)])(
    "%j is refused",
    (code) => expect(organizationCode.safeParse(code).success).toBe(false),
  );
});
