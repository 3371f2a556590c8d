import { expect, test } from "vitest";
import { UsageError } from "./failure.ts";
import { parseInstant } from "./time.ts";

const now = new Date("2026-06-01T12:00:00.000Z");
const iso = (text: string) => new Date(parseInstant("--since", text, now)).toISOString();

test.each([
  ["2h", "2026-06-01T10:00:00.000Z"],
  ["30m", "2026-06-01T11:30:00.000Z"],
  ["7d", "2026-05-25T12:00:00.000Z"],
  ["0s", "2026-06-01T12:00:00.000Z"],
  ["2026-05-31", "2026-05-31T00:00:00.000Z"],
  ["2026-05-31T14:30Z", "2026-05-31T14:30:00.000Z"],
  ["2026-05-31 14:30:15", "2026-05-31T14:30:15.000Z"],
  ["2026-05-31T14:30:15.123+02:00", "2026-05-31T12:30:15.123Z"],
])("%s is %s", (text, expected) => expect(iso(text)).toBe(expected));

test.each([
  ["yesterday"],
  ["2"],
  ["2y"],
  ["-2h"],
  ["2026-02-31"],
  ["2026-13-01"],
  ["2026-05-31T25:00Z"],
])("%s is refused", (text) => expect(() => iso(text)).toThrow(UsageError));
