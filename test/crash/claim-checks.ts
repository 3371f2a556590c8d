import { type App, createPerson, type Envelope, signIn } from "@daybook/application";
import { type ClaimHold, claim, evolve, type RecordedEvent, Refusal } from "@daybook/domain";
import { v7 } from "uuid";
import { personNamed } from "../support/client.ts";
import type { Asked, Person } from "./journal.ts";

const kinds = ["username", "email"] as const;
type Values = Record<(typeof kinds)[number], string>;
type InUse = Values & { emailClaim: ClaimHold; usernameClaim: ClaimHold };

/** What each person uses, as the log says. */
function usedValues(log: readonly RecordedEvent[]): Map<string, InUse> {
  const used = new Map<string, InUse>();
  for (const { type, stream, data } of log) {
    const user = stream.slice("user-".length);
    if (type === "UserCreated") used.set(user, data as InUse);
    if (type === "UserEmailChanged") {
      const { email, claim: emailClaim } = data as { email: string; claim: ClaimHold };
      used.set(user, { ...(used.get(user) as InUse), email, emailClaim });
    }
  }
  return used;
}

/** No two people use one value, and each holds the claims of what they use. */
export function holdingProblems(log: readonly RecordedEvent[]): string[] {
  const problems: string[] = [];
  const used = usedValues(log);
  for (const kind of kinds)
    for (const [value, users] of Map.groupBy(used, ([, values]) => values[kind]))
      if (users.length > 1) problems.push(`${users.map(([id]) => id)} all use ${value}`);
  const claims = Map.groupBy(
    log.filter(({ stream }) => stream.startsWith("claim-")),
    ({ stream }) => stream.slice("claim-".length),
  );
  for (const [user, { emailClaim, usernameClaim }] of used)
    for (const { name, token } of [emailClaim, usernameClaim]) {
      const { holder } = (claims.get(name) ?? []).reduce(
        (state, event) => evolve(claim as never, state, event),
        claim.initial,
      );
      if (holder?.owner !== user || holder.token !== token)
        problems.push(`${user} uses a value that ${holder?.owner ?? "nobody"} holds`);
    }
  return problems;
}

/** Run beside each other: as many as gather in the store's commits. */
const AT_ONCE = 50;

async function forEach<T>(list: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < list.length; start += AT_ONCE)
    await Promise.all(list.slice(start, start + AT_ONCE).map(run));
}

const codeOf = (error: unknown): string => (error instanceof Refusal ? error.code : String(error));

/**
 * What nobody uses can be taken by a fresh person, and what somebody uses cannot. The clock of `app`
 * is ahead of the log by more than the grace that a cut-off creation is granted. This changes the log.
 */
export async function takingProblems(
  app: App,
  log: readonly RecordedEvent[],
  asked: readonly Asked[],
): Promise<string[]> {
  const problems: string[] = [];
  const [first] = log;
  const envelope = (): Envelope => ({
    commandId: v7(),
    actor: { kind: "system", id: "crash-test" },
    organization: String(first?.meta.organization),
  });
  const create = (given: Partial<Values>) =>
    createPerson(app, { ...personNamed(`fresh.${v7()}`), ...given }, envelope());
  const used = [...usedValues(log).values()];
  for (const kind of kinds) {
    const inUse = new Set(used.map((values) => values[kind]));
    const wanted = new Set(asked.flatMap(({ data }) => (data[kind] as string | undefined) ?? []));
    await forEach([...wanted], async (value) => {
      const code = await create({ [kind]: value }).then(() => undefined, codeOf);
      const expected = inUse.has(value) ? `user/${kind}-taken` : undefined;
      if (code !== expected)
        problems.push(`${value}, used by ${inUse.has(value) ? "one" : "nobody"}: ${code}`);
    });
  }
  return problems;
}

/** Each person is as the last answer about them says, down to the password. */
export async function peopleProblems(
  app: App,
  show: (id: string) => Promise<Record<string, unknown> | undefined>,
  people: readonly Person[],
): Promise<string[]> {
  const problems: string[] = [];
  await forEach(people, async ({ id, shown, password }) => {
    const row = await show(id);
    for (const [field, value] of Object.entries(shown))
      if (row?.[field] !== value)
        problems.push(`${id} shows ${field} ${row?.[field]}, after ${value} was answered`);
    if (shown.status === "inactive") return;
    const envelope = { commandId: v7(), actor: { kind: "system", id: "crash-test" } as const };
    const code = await signIn(app, { name: shown.email, password }, envelope).then(
      () => undefined,
      codeOf,
    );
    if (code) problems.push(`${shown.username} cannot sign in: ${code}`);
  });
  return problems;
}
