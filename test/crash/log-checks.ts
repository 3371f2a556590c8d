import { evolve, mail, membershipEvents, type RecordedEvent, userEvents } from "@daybook/domain";
import { messageIdOf } from "../support/mail-server.ts";
import type { Asked, Journal } from "./journal.ts";
import { leaves } from "./journal.ts";

/** What a command about people can leave besides what it asked for: values taken and given free. */
const onTheSide = new Set(["ClaimForfeited", "UserAbandoned"]);
const aboutPeople = new Set(
  [...Object.keys(userEvents), ...Object.keys(membershipEvents)].filter(
    (type) => !onTheSide.has(type),
  ),
);
/** Whoever was refused may have taken values before, and has given them free. */
const ofRefused = new Set(["ClaimTaken", "ClaimReleased", ...onTheSide]);

const typesOf = (events: readonly RecordedEvent[]) => events.map(({ type }) => type).sort();

/** What an answered command did is in the log once, as it was asked for. */
function problemsOf(asked: Asked, events: readonly RecordedEvent[]) {
  const { kind, commandId, data, left, refused, forgotten } = asked;
  const problems: string[] = [];
  const done = events.filter(({ type }) => aboutPeople.has(type));
  const found = typesOf(done).join();
  const nothing = forgotten && found === "";
  if (!nothing && found !== [...left].sort().join())
    problems.push(`${kind} ${commandId} left ${found || "nothing"} in place of ${left}`);
  for (const event of done)
    for (const [field, value] of Object.entries(data))
      if (field in event.data && event.data[field] !== value)
        problems.push(`${kind} ${commandId} asked for ${field} ${value}: ${event.data[field]}`);
  const stray = refused ? events.filter(({ type }) => !ofRefused.has(type)) : [];
  if (stray.length > 0) problems.push(`${kind} ${commandId}, ${refused}, left ${typesOf(stray)}`);
  return problems;
}

/**
 * Every answered command is in the log exactly once, what was refused left nothing, and nothing is
 * there that nobody was answered. `after` is where the clients began.
 */
export function commandProblems(log: readonly RecordedEvent[], journal: Journal, after: number) {
  const since = log.filter(({ position }) => position > after);
  const byCommand = Map.groupBy(since, ({ meta }) => meta.correlationId);
  const problems = journal.asked.flatMap((asked) =>
    problemsOf(asked, byCommand.get(asked.commandId) ?? []),
  );
  const asked = new Set(journal.asked.map(({ commandId }) => commandId));
  for (const { type, position, meta } of since)
    if (aboutPeople.has(type) && !asked.has(meta.correlationId))
      problems.push(`nobody asked for ${type} at ${position}`);
  const at = new Map(log.map((event) => [event.position, event]));
  for (const { user, position } of journal.signIns) {
    const event = at.get(position);
    if (event?.type !== "SignInSucceeded" || event.stream !== `signin-${user}`)
      problems.push(`the sign-in of ${user} is not at ${position}`);
  }
  return problems;
}

/**
 * How often mails were accepted, by the part of their Message-ID that names the mail: each copy of
 * one that was sent again has its own behind a plus.
 */
export const timesAccepted = (delivered: readonly Parameters<typeof messageIdOf>[0][]) =>
  new Map(
    [...Map.groupBy(delivered, (one) => messageIdOf(one)?.replace(/^<|@.*$/g, "") ?? "")].map(
      ([id, times]) => [id, times.length],
    ),
  );

/** The events of each sending of a mail, by what its Message-ID begins with. */
function roundsOf(id: string, events: readonly RecordedEvent[]): [string, RecordedEvent[]][] {
  const rounds: RecordedEvent[][] = [[]];
  for (const event of events) {
    if (event.type === "MailRepeated") rounds.push([]);
    rounds.at(-1)?.push(event);
  }
  return rounds.map((round, before) => [before === 0 ? id : `${id}+${before + 1}`, round]);
}

/** Of one sending: accepted no more often than attempted, and nothing after it was sent. */
function roundProblems(id: string, events: readonly RecordedEvent[], times: number): string[] {
  const types = events.map(({ type }) => type);
  const problems: string[] = [];
  const attempts = types.filter((type) => type === "MailAttempted").length;
  if (times > attempts) problems.push(`${id} was accepted ${times} times: ${types}`);
  const sent = types.indexOf("MailSent");
  if (sent >= 0 && sent !== types.length - 1) problems.push(`${id} went on when sent: ${types}`);
  if (sent >= 0 && times === 0) problems.push(`${id} is recorded as sent, and never was`);
  return problems;
}

/** What is mailed about, by the name of the reaction. */
const mailed = new Set<string>([
  "PasswordAssigned",
  "PasswordChanged",
  "PasswordRecovered",
  ...leaves.resetPassword,
  ...leaves.requestLink,
]);

/**
 * Each mail is requested once, accepted no more often than it was attempted, not attempted after it
 * was sent unless somebody asked for that, and in the end sent, or waiting. An attempt that was cut off holds the mail for its lease:
 * such a one began before `startedAt`, when the last server was started. Nothing is mailed about what
 * happened up to `after`, before the first server ran.
 */
export function mailProblems(
  log: readonly RecordedEvent[],
  accepted: ReadonlyMap<string, number>,
  after: number,
  startedAt: string | undefined,
) {
  const problems: string[] = [];
  const streams = Map.groupBy(
    log.filter(({ stream }) => stream.startsWith("mail-")),
    ({ stream }) => stream.slice("mail-".length),
  );
  for (const { id, type, position } of log)
    if (position > after && mailed.has(type) && !streams.has(`${id}.account-mail`))
      problems.push(`no mail was requested about ${type} ${id}`);
  for (const [id, events] of streams) {
    const types = events.map(({ type }) => type);
    for (const [round, its] of roundsOf(id, events))
      problems.push(...roundProblems(round, its, accepted.get(round) ?? 0));
    if (types.filter((type) => type === "MailRequested").length !== 1)
      problems.push(`${id} was not requested once: ${types}`);
    const state = events.reduce((one, event) => evolve(mail as never, one, event), mail.initial);
    const cutOff =
      state.status === "sending" && startedAt && (events.at(-1)?.meta.at ?? "") < startedAt;
    if (state.status !== "sent" && !cutOff) problems.push(`${id} is ${state.status}: ${types}`);
  }
  return problems;
}
