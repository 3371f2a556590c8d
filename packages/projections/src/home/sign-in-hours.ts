import { signInEvents } from "@daybook/domain";
import { defineProjection, type FoldMeta, type Row } from "../kernel/index.ts";

type Counts = { succeeded: number; failed: number; refused: number };

/** How sign-ins at an organization went within one hour. */
export type SignInHourRow = Row & Counts & { /** When the hour began, in UTC. */ at: string };

const hourOf = (at: string): string => `${at.slice(0, 13)}:00:00.000Z`;

const idOf = ({ organization, at }: FoldMeta): string => `${organization}.${hourOf(at)}`;

const first = (outcome: keyof Counts) => (_: unknown, meta: FoldMeta) => ({
  ...{ id: idOf(meta), organization: meta.organization, at: hourOf(meta.at) },
  ...{ succeeded: 0, failed: 0, refused: 0, [outcome]: 1 },
});

const another = (outcome: keyof Counts) => (row: SignInHourRow) => ({
  ...row,
  [outcome]: row[outcome] + 1,
});

export const signInHours = defineProjection<SignInHourRow>()({
  name: "sign-in-hours",
  version: 1,
  events: signInEvents,
  // A guess at a name that nobody has belongs to no organization.
  key: ({ meta }) => (meta.organization ? idOf(meta) : undefined),
  indexes: [["at"]],
  start: {
    SignInSucceeded: first("succeeded"),
    SignInFailed: first("failed"),
    SignInRefused: first("refused"),
  },
  on: {
    SignInSucceeded: another("succeeded"),
    SignInFailed: another("failed"),
    SignInRefused: another("refused"),
  },
  forget: (row, before) => (row.at < before ? null : row),
});
