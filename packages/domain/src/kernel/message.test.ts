import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  ERASED,
  isErased,
  parseStrictly,
  personal,
  personalFields,
  schemaVersion,
  upcast,
  versioned,
} from "./message.ts";

describe("personal fields", () => {
  test("are those that are marked", () => {
    const schema = z.object({
      plan: z.string(),
      email: personal(z.email()),
      name: personal(z.string()),
    });
    expect(personalFields(schema)).toEqual(["email", "name"]);
  });

  test("are made like any other, and are checked by their schema", () => {
    const schema = z.object({ email: personal(z.email()) });
    expect(schema.parse({ email: "grace@navy.example" })).toEqual({ email: "grace@navy.example" });
    expect(schema.safeParse({ email: "grace" }).success).toBe(false);
  });

  // A schema shared with a command or another event must not be marked along with it.
  test("leave the schema that they are made of as it was", () => {
    const email = z.email();
    personal(email);
    expect(personalFields(z.object({ email }))).toEqual([]);
  });

  // A field that loses its mark is stored in the open for ever, and nobody notices.
  test.each([
    ["optional outside", personal(z.string()).optional()],
    ["optional inside", personal(z.string().optional())],
    ["nullable", personal(z.string()).nullable()],
    ["nullish", personal(z.string()).nullish()],
    ["with a default outside", personal(z.string()).default("")],
    ["with a default inside", personal(z.string().default(""))],
    ["optional with a default", personal(z.string()).optional().default("")],
    ["described", personal(z.string()).describe("an address")],
    ["refined", personal(z.string()).refine((text) => text !== "x")],
    ["read-only", personal(z.string()).readonly()],
    ["transformed", personal(z.string()).transform(String)],
    ["a record", personal(z.record(z.string(), z.string()))],
  ])("stay marked: %s", (_, field) => {
    expect(personalFields(z.object({ field, plan: z.string().default("") }))).toEqual(["field"]);
  });
});

test("what was erased is told from everything else", () => {
  expect(isErased(ERASED)).toBe(true);
  expect(isErased(JSON.parse(JSON.stringify(ERASED)))).toBe(true);
  for (const other of ["", "erased", null, undefined, 0, {}, [], { erased: false }, { erased: 1 }])
    expect(isErased(other)).toBe(false);
});

describe("a strict parse", () => {
  const schema = z.object({ name: z.string(), claim: z.object({ token: z.string() }).optional() });

  // A command's password must never slip into an event by spreading its data.
  test("refuses fields that the event does not have", () =>
    expect(() => parseStrictly(schema, { name: "Grace", password: "secret" })).toThrow("password"));

  test("drops them further inside", () =>
    expect(parseStrictly(schema, { name: "Grace", claim: { token: "1", password: "x" } })).toEqual({
      name: "Grace",
      claim: { token: "1" },
    }));

  test("refuses what is missing or of another kind", () => {
    expect(() => parseStrictly(schema, {})).toThrow();
    expect(() => parseStrictly(schema, { name: 7 })).toThrow();
    expect(() => parseStrictly(schema, undefined)).toThrow();
  });

  test("leaves the schema itself as lenient as it was", () => {
    expect(() => parseStrictly(schema, { name: "Grace", more: 1 })).toThrow();
    expect(schema.parse({ name: "Grace", more: 1 })).toEqual({ name: "Grace" });
  });
});

describe("versions of a schema", () => {
  const first = z.object({ name: z.string() });
  const third = versioned(
    z.object({ firstName: z.string(), lastName: z.string(), title: z.string() }),
    ({ name, ...rest }) => {
      const [firstName = "", lastName = ""] = String(name).split(" ");
      return { ...rest, firstName, lastName };
    },
    (data) => ({ ...data, title: "" }),
  );

  test("are counted from 1, one more for each upcast", () => {
    expect(schemaVersion(first)).toBe(1);
    expect(schemaVersion(third)).toBe(3);
  });

  test("older data goes through every upcast behind its version", () => {
    const newest = { firstName: "Grace", lastName: "Hopper", title: "" };
    expect(upcast(third, 1, { name: "Grace Hopper" })).toEqual(newest);
    expect(upcast(third, 2, { firstName: "Grace", lastName: "Hopper" })).toEqual(newest);
    expect(parseStrictly(third, upcast(third, 1, { name: "Grace Hopper" }))).toEqual(newest);
  });

  test("the newest stays as it is", () => {
    const data = { firstName: "Grace", lastName: "Hopper", title: "Dr" };
    expect(upcast(third, 3, data)).toEqual(data);
    expect(upcast(first, 1, { name: "Grace" })).toEqual({ name: "Grace" });
  });

  // An older program beside a newer one must not guess what newer data means.
  test("newer than the program knows throws", () => {
    expect(() => upcast(third, 4, {})).toThrow("schema version 4");
    expect(() => upcast(first, 2, {})).toThrow("this program knows 1");
  });
});
