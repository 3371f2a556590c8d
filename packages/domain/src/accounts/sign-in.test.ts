import { describe, expect, test } from "vitest";
import { evolve } from "../kernel/index.ts";
import { spec } from "../kernel/spec.ts";
import { pausedUntil, signIn } from "./sign-in.ts";

const { given } = spec(signIn);

const NOON = "2026-01-01T12:00:00.000Z";
const noonPlus = (seconds: number) => new Date(Date.parse(NOON) + seconds * 1000).toISOString();

const attempted = (attempt: string, network = "home") => ({
  type: "SignInAttempted" as const,
  data: { attempt, network },
});
const succeeded = (attempt: string) => ({
  type: "SignInSucceeded" as const,
  data: { attempt, credential: "credential-1" },
});
const failed = (attempt: string) => ({
  type: "SignInFailed" as const,
  data: { attempt, reason: "wrong-password" as const },
});
const refused = (until?: string, network = "home") => ({
  type: "SignInRefused" as const,
  data: { network, ...(until && { until }) },
});
const cleared = { type: "SignInFailuresCleared" as const, data: {} };

const attempt = (network = "home") => ({
  type: "AttemptSignIn",
  data: { attempt: "now", network },
});
const accept = { type: "AcceptSignIn", data: succeeded("now").data };
const reject = { type: "RejectSignIn", data: failed("now").data };
const clear = { type: "ClearSignInFailures", data: {} };

const failures = (count: number, network: (n: number) => string = () => "home") =>
  Array.from({ length: count }, (_, n) => [attempted(`${n}`, network(n)), failed(`${n}`)]).flat();

/** From as many networks as there are, none of which is paused by itself. */
const spread = (n: number) => `network-${n % 30}`;

describe("attempting", () => {
  test("is recorded before anything is checked", () =>
    given().when(attempt()).then(attempted("now")));

  test("four failures are forgiven", () =>
    given(...failures(4))
      .when(attempt())
      .then(attempted("now")));

  // NIST SP 800-63B-4, 3.2.2: each further failure from a network doubles its wait.
  test.each([
    [5, 30],
    [6, 60],
    [7, 120],
    [11, 1920],
    [12, 3600],
    [40, 3600],
  ])("after %i failures a network waits %i s", (count, seconds) => {
    const history = given(...failures(count));
    history.when(attempt(), { at: noonPlus(seconds - 1) }).then(refused(noonPlus(seconds)));
    history.when(attempt(), { at: noonPlus(seconds) }).then(attempted("now"));
  });

  test("another network does not wait with it", () =>
    given(...failures(10))
      .when(attempt("elsewhere"))
      .then(attempted("now", "elsewhere")));

  // A guess whose answer never came, because the server crashed, must not be a free guess.
  test("counts also where the outcome was never recorded", () =>
    given(...Array.from({ length: 5 }, (_, n) => attempted(`${n}`)))
      .when(attempt())
      .then(refused(noonPlus(30))));

  // A flood while it is paused must not make the stream longer: each attempt reads it.
  test("that is refused again is not recorded again", () =>
    given(...failures(5), refused(noonPlus(30)))
      .when(attempt())
      .then());

  test("that is refused from ever new networks is recorded 50 times", () => {
    const networks = Array.from({ length: 50 }, (_, n) => refused(noonPlus(30), `other-${n}`));
    given(...failures(20, spread), ...networks)
      .when(attempt("one more"))
      .then();
  });

  test("that was refused does not count", () =>
    given(...failures(5), refused(noonPlus(30)), refused(noonPlus(30)))
      .when(attempt(), { at: noonPlus(30) })
      .then(attempted("now")));

  test("from many networks pauses the account as a whole after 20 failures", () => {
    given(...failures(19, spread))
      .when(attempt("new"))
      .then(attempted("now", "new"));
    const history = given(...failures(20, spread));
    history.when(attempt("new")).then(refused(noonPlus(30), "new"));
    history.when(attempt("new"), { at: noonPlus(30) }).then(attempted("now", "new"));
  });

  test("after 100 failures in a row only a new password helps", () => {
    given(...failures(99, spread))
      .when(attempt("new"), { at: noonPlus(86_400) })
      .then(attempted("now", "new"));
    given(...failures(100, spread))
      .when(attempt("new"), { at: noonPlus(86_400) })
      .then(refused(undefined, "new"));
  });
});

describe("a network that signed in before", () => {
  const known = [attempted("first"), succeeded("first")];

  // Or strangers could lock anybody out by failing on purpose.
  test("is not held up by strangers' failures", () => {
    given(...known, ...failures(99, spread))
      .when(attempt())
      .then(attempted("now"));
    given(...known, ...failures(150, spread))
      .when(attempt())
      .then(attempted("now"));
  });

  test("waits for its own failures", () =>
    given(...known, ...failures(5))
      .when(attempt())
      .then(refused(noonPlus(30))));
});

describe("the outcome", () => {
  test("of success names the credential that was verified", () =>
    given(attempted("now")).when(accept).then(succeeded("now")));

  test("of failure says why", () => given(attempted("now")).when(reject).then(failed("now")));

  test("of success forgives the failures before it, of that network and of the account", () => {
    given(...failures(4), attempted("a"), succeeded("a"), ...failures(4))
      .when(attempt())
      .then(attempted("now"));
    given(...failures(19, spread), attempted("a"), succeeded("a"), ...failures(19, spread))
      .when(attempt("new"))
      .then(attempted("now", "new"));
  });

  // The owner's own success at home says nothing about who guesses elsewhere.
  test("of success does not forgive another network's failures", () =>
    given(...failures(5, () => "elsewhere"), attempted("a"), succeeded("a"))
      .when(attempt("elsewhere"))
      .then(refused(noonPlus(30), "elsewhere")));
});

describe("clearing", () => {
  test("ends every wait", () => {
    given(...failures(150, spread), cleared)
      .when(attempt("new"))
      .then(attempted("now", "new"));
    given(...failures(8), cleared)
      .when(attempt())
      .then(attempted("now"));
  });

  test("is recorded where there were failures", () =>
    given(...failures(1))
      .when(clear)
      .then(cleared));

  test("changes nothing where there were none", () => {
    given().when(clear).then();
    given(...failures(3), cleared)
      .when(clear)
      .then();
    given(attempted("a"), succeeded("a")).when(clear).then();
  });

  // A new password must let its owner in from everywhere, also from where they mistyped the old one.
  test("is recorded where only another network still waits", () =>
    given(...failures(6, () => "elsewhere"), attempted("a"), succeeded("a"))
      .when(clear)
      .then(cleared));

  test("keeps which networks are known", () =>
    given(attempted("a"), succeeded("a"), ...failures(3), cleared, ...failures(150, spread))
      .when(attempt())
      .then(attempted("now")));
});

// The state is loaded for every guess: an attacker must not be able to make it grow.
test("the state stays small however many networks and attempts there are", () => {
  const meta = {
    at: NOON,
    actor: { kind: "system" as const, id: "sign-in" },
    organization: "",
    commandId: "command",
    correlationId: "command",
    schemaVersion: 1,
  };
  let state = signIn.initial;
  for (let n = 0; n < 500; n++)
    for (const event of [
      attempted(`open-${n}`, `a-${n}`),
      attempted(`won-${n}`, `b-${n}`),
      succeeded(`won-${n}`),
    ])
      state = evolve(signIn as never, state, { ...event, meta }) as typeof state;
  expect(Object.keys(state.networks).length).toBeLessThanOrEqual(50);
  expect(Object.keys(state.open).length).toBeLessThanOrEqual(50);
  expect(state.known).toHaveLength(50);
  expect(state.known).toContain("b-499");
});

test("without any attempt nobody waits", () =>
  expect(pausedUntil(signIn.initial, "home")).toBeUndefined());
