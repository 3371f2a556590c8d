import { describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  email,
  PASSWORD_MAX,
  PASSWORD_MIN,
  password,
  personName,
  phone,
  reason,
  signInName,
  triedPassword,
  username,
} from "./fields.ts";

/** Everything the field takes, with what becomes of it, and everything that it refuses. */
function takes(name: string, field: z.ZodType, accepted: [string, string][], refused: string[]) {
  describe(name, () => {
    test.each(accepted)("%j becomes %j", (typed, parsed) =>
      expect(field.parse(typed)).toBe(parsed),
    );
    test.each(refused)("%j is refused", (typed) =>
      expect(field.safeParse(typed).success).toBe(false),
    );
  });
}

takes(
  "an e-mail address",
  email,
  [
    ["grace@navy.example", "grace@navy.example"],
    [" Grace.Hopper+daybook@Navy.Example ", "grace.hopper+daybook@navy.example"],
  ],
  [
    "",
    "grace",
    "grace@",
    "@navy.example",
    "grace@navy",
    "a@b.example, c@d.example",
    "a b@navy.example",
    "a@b.example\nBcc: c@d.example",
    `${"a".repeat(250)}@navy.example`,
  ],
);

takes(
  "a username",
  username,
  [
    ["grace", "grace"],
    [" Grace.Hopper_1-2 ", "grace.hopper_1-2"],
    ["a".repeat(64), "a".repeat(64)],
    ["007", "007"],
  ],
  ["", "ab", "a".repeat(65), ".grace", "-grace", "gra ce", "gräce", "grace@navy", "grace\n!"],
);

takes(
  "a person's name",
  personName,
  [
    ["Grace", "Grace"],
    ["  O'Brien-Ó Súilleabháin ", "O'Brien-Ó Súilleabháin"],
    // The same letters written in two ways are one name (Unicode, normalization form C).
    ["Zoe\u0308", "Zoë"],
    ["李", "李"],
    ["x".repeat(100), "x".repeat(100)],
  ],
  ["", "   ", "x".repeat(101), "Gra\u0000ce", "Grace\r\nBcc", "tab\tbed"],
);

takes(
  "a phone number",
  phone,
  [
    ["", ""],
    ["  ", ""],
    [" +44 20 7946 0958 ", "+44 20 7946 0958"],
  ],
  ["1234", "call me", "+", "+44 20 7946 0958 ext 7", "1".repeat(31)],
);

takes(
  "a reason",
  reason,
  [
    ["", ""],
    [" by phone ", "by phone"],
  ],
  ["x".repeat(501), "two\nlines"],
);

takes(
  "a name to sign in with",
  signInName,
  [
    [" Grace ", "grace"],
    ["Grace@Navy.example", "grace@navy.example"],
  ],
  ["", "  ", "x".repeat(255)],
);

// Length is counted in characters as people see them (NIST SP 800-63B-4, 3.1.1.2), nothing is cut.
takes(
  "a new password",
  password,
  [
    ["x".repeat(PASSWORD_MIN), "x".repeat(PASSWORD_MIN)],
    ["x".repeat(PASSWORD_MAX), "x".repeat(PASSWORD_MAX)],
    ["🐎".repeat(PASSWORD_MIN), "🐎".repeat(PASSWORD_MIN)],
    ["🐎".repeat(PASSWORD_MAX), "🐎".repeat(PASSWORD_MAX)],
    ["  spaces count too  ", "  spaces count too  "],
    ["e\u0301".repeat(PASSWORD_MIN), "é".repeat(PASSWORD_MIN)],
  ],
  [
    "",
    "x".repeat(PASSWORD_MIN - 1),
    "🐎".repeat(PASSWORD_MIN - 1),
    "e\u0301".repeat(PASSWORD_MIN - 1),
    "x".repeat(PASSWORD_MAX + 1),
  ],
);

// A rule for new passwords must not tell about old ones, nor lock out whoever has one.
takes(
  "a password that is tried",
  triedPassword,
  [
    ["x", "x"],
    [" ", " "],
    ["e\u0301", "é"],
  ],
  ["", "x".repeat(PASSWORD_MAX * 8 + 1)],
);
