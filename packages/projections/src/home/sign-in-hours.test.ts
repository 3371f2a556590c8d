import { describe, test } from "vitest";
import { given } from "../kernel/spec.ts";
import { signInHours } from "./sign-in-hours.ts";

const of = (type: string, at: string, organization = "acme") => ({
  ...{ type, stream: "signin-grace", data: { attempt: "a" } },
  meta: { at: `2026-01-01T${at}Z`, organization },
});
const noon = { id: "acme.2026-01-01T12:00:00.000Z", at: "2026-01-01T12:00:00.000Z" };

describe("sign-in hours", () => {
  test("begin with any outcome", () => {
    const counts = { succeeded: 0, failed: 0, refused: 0 };
    const happens = (type: string) => given(signInHours)(of(type, "12:00:00.000"));
    happens("SignInSucceeded").then({ ...noon, organization: "acme", ...counts, succeeded: 1 });
    happens("SignInFailed").then({ ...noon, organization: "acme", ...counts, failed: 1 });
    happens("SignInRefused").then({ ...noon, organization: "acme", ...counts, refused: 1 });
  });

  test("count what happens until the next one begins", () =>
    given(signInHours)(
      of("SignInFailed", "12:00:00.000"),
      of("SignInFailed", "12:30:00.000"),
      of("SignInRefused", "12:45:00.000"),
      of("SignInSucceeded", "12:59:59.999"),
      of("SignInSucceeded", "13:00:00.000"),
    ).then(
      { ...noon, succeeded: 1, failed: 2, refused: 1 },
      { at: "2026-01-01T13:00:00.000Z", succeeded: 1, failed: 0, refused: 0 },
    ));

  test("count outcomes, not attempts", () =>
    given(signInHours)(
      of("SignInAttempted", "12:00:00.000"),
      of("SignInFailuresCleared", "12:00:00.000"),
    ).then());

  test("count no guesses at names that nobody has", () =>
    given(signInHours)(of("SignInFailed", "12:00:00.000", "")).then());

  test("are those of each organization", () =>
    given(signInHours)(
      of("SignInFailed", "12:00:00.000"),
      of("SignInFailed", "12:00:00.000", "globex"),
    ).then({ organization: "acme", failed: 1 }, { organization: "globex", failed: 1 }));
});
