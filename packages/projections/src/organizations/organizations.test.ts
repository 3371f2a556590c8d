import { test } from "vitest";
import { given } from "../kernel/spec.ts";
import { organizations } from "./organizations.ts";

test("an organization is named by its code and name", () =>
  given(organizations)({
    type: "OrganizationCreated",
    stream: "organization-acme",
    data: { code: "acme-works", name: "Acme Works" },
  }).then({ id: "acme", organization: "acme", code: "acme-works", name: "Acme Works" }));
