import { defineDecider } from "../kernel/index.ts";
import { signInCommands } from "./commands.ts";
import { signInEvents } from "./events.ts";

type Network = { failures: number; lastAt: string };

/** The guesses on one account: every attempt counts as a failure until it is accepted. */
type SignIn = {
  failures: number;
  lastAt: string;
  networks: Readonly<Record<string, Network>>;
  /** Networks this account signed in from before: strangers' failures do not lock them out. */
  known: readonly string[];
  /** Attempts whose outcome is not recorded yet, to their network. */
  open: Readonly<Record<string, string>>;
  /** Networks that were told to wait since the last attempt: it is recorded once. */
  refused: readonly string[];
};

// Waits grow from 30 s to 1 h as NIST SP 800-63B-4, 3.2.2 suggests. An account is paused as a whole
// only after more failures than one network is granted, so that strangers cannot lock it cheaply.
const FREE_PER_NETWORK = 5;
const FREE_PER_ACCOUNT = 20;
/** NIST SP 800-63B-4, 3.2.2: after 100 failures in a row the password must be reset. */
const FAILURES_MAX = 100;
const NETWORKS_MAX = 50;
const OPEN_MAX = 50;
const REFUSED_MAX = 50;

const waitMs = (failures: number, free: number): number =>
  failures < free ? 0 : Math.min(30_000 * 2 ** (failures - free), 3_600_000);

/** When the wait is over; nothing where there is none to wait for. */
const waitEnds = (lastAt: string, ms: number): string | undefined =>
  ms === 0 ? undefined : new Date(Date.parse(lastAt) + ms).toISOString();

/** Until when this network has to wait; `"reset"` when only a new password helps. */
export function pausedUntil(state: SignIn, network: string): string | "reset" | undefined {
  const from = state.networks[network];
  const known = state.known.includes(network);
  if (!known && state.failures >= FAILURES_MAX) return "reset";
  const ends = [
    from && waitEnds(from.lastAt, waitMs(from.failures, FREE_PER_NETWORK)),
    known ? undefined : waitEnds(state.lastAt, waitMs(state.failures, FREE_PER_ACCOUNT)),
  ];
  return ends
    .filter((end) => end !== undefined)
    .sort()
    .at(-1);
}

const last = <T>(record: Readonly<Record<string, T>>, count: number): Record<string, T> =>
  Object.fromEntries(Object.entries(record).slice(-count));

export const signIn = defineDecider<SignIn>()({
  stream: "signin",
  commands: signInCommands,
  events: signInEvents,
  initial: { failures: 0, lastAt: "", networks: {}, known: [], open: {}, refused: [] },
  decide: {
    AttemptSignIn(state, data, { at }) {
      const { network } = data;
      const until = pausedUntil(state, network);
      if (!until || (until !== "reset" && until <= at)) return [{ type: "SignInAttempted", data }];
      // A flood of attempts while it is paused must not make the stream longer, and itself costlier.
      if (state.refused.includes(network) || state.refused.length === REFUSED_MAX) return [];
      return [{ type: "SignInRefused", data: { network, ...(until !== "reset" && { until }) } }];
    },
    AcceptSignIn: (_, data) => [{ type: "SignInSucceeded", data }],
    RejectSignIn: (_, data) => [{ type: "SignInFailed", data }],
    // A success forgives the account and its own network; another may still have to wait.
    ClearSignInFailures: ({ failures, networks }) =>
      failures === 0 && Object.keys(networks).length === 0
        ? []
        : [{ type: "SignInFailuresCleared", data: {} }],
  },
  evolve: {
    SignInAttempted(state, { attempt, network }, { at }) {
      const { [network]: before, ...others } = state.networks;
      const failures = (before?.failures ?? 0) + 1;
      return {
        ...state,
        failures: state.failures + 1,
        lastAt: at,
        networks: last({ ...others, [network]: { failures, lastAt: at } }, NETWORKS_MAX),
        open: last({ ...state.open, [attempt]: network }, OPEN_MAX),
        refused: [],
      };
    },
    SignInRefused: (state, { network }) => ({ ...state, refused: [...state.refused, network] }),
    SignInSucceeded(state, { attempt }) {
      const { [attempt]: network, ...open } = state.open;
      if (network === undefined) return { ...state, failures: 0 };
      const { [network]: _, ...networks } = state.networks;
      const known = [...state.known.filter((seen) => seen !== network), network];
      return {
        failures: 0,
        lastAt: "",
        networks,
        known: known.slice(-NETWORKS_MAX),
        open,
        refused: [],
      };
    },
    SignInFailed(state, { attempt }) {
      const { [attempt]: _, ...open } = state.open;
      return { ...state, open };
    },
    SignInFailuresCleared: (state) => ({
      ...state,
      failures: 0,
      lastAt: "",
      networks: {},
      refused: [],
    }),
  },
});
