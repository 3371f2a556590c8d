import { verifyPassword } from "@daybook/auth";
import { signIn as signInDecider, unauthenticated } from "@daybook/domain";
import type { AccountRow, MembershipRow } from "@daybook/projections";
import type { App } from "../app.ts";
import { type Envelope, step } from "../commands/command-path.ts";
import { accountOf, hashOf } from "./passwords.ts";
import { readAccount, readMembership } from "./read.ts";

/**
 * The network an address belongs to, as a keyed hash: a /24 for IPv4 and a /64 for IPv6, since one
 * household or one attacker has as many addresses as that. The history does not hold the address.
 */
export function networkOf({ keys }: App, ip: string): string {
  const address = ip.replace(/^::ffff:(?=\d+\.)/, "");
  const prefix = address.includes(":")
    ? expandIpv6(address).slice(0, 4).join(":")
    : address.split(".").slice(0, 3).join(".");
  return keys.mac("network", prefix).toString("base64url").slice(0, 16);
}

function expandIpv6(address: string): string[] {
  const [head = "", tail = ""] = address.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const zeros = Array<string>(Math.max(8 - left.length - right.length, 0)).fill("0");
  return [...left, ...zeros, ...right];
}

type Failure = "unknown-name" | "wrong-password" | "password-expired" | "inactive";

function failureOf(
  account: AccountRow | undefined,
  membership: MembershipRow | undefined,
  matches: boolean,
  at: string,
): Failure | undefined {
  if (!account) return "unknown-name";
  if (!matches) return "wrong-password";
  if (account.expiresAt && account.expiresAt <= at) return "password-expired";
  return membership?.status === "active" ? undefined : "inactive";
}

export type SignedIn = { token: string; user: string; position: number };

/**
 * Signs in by e-mail address or username. The attempt is counted before the password is checked,
 * and whatever is wrong, the public answer is `sign-in/failed`. The envelope's id is the server's
 * own: one of the client's could be sent again to guess without being counted.
 */
export async function signIn(
  app: App,
  { name, password }: { name: string; password: string },
  envelope: Omit<Envelope, "organization">,
): Promise<SignedIn> {
  const kind = name.includes("@") ? "email" : "username";
  const { name: claim, account } = await accountOf(app, kind, name);
  const about: Envelope = {
    ...envelope,
    organization: account?.organization ?? "",
    subject: account?.id,
  };
  // Without an account the name itself is counted, so that unknown names are no way to tell.
  const stream = account?.id ?? claim;
  const attempt = envelope.commandId;
  const network = networkOf(app, envelope.ip ?? "");
  const failed = () => unauthenticated("sign-in/failed");

  const attempted = await app.execute(
    signInDecider,
    stream,
    { type: "AttemptSignIn", data: { attempt, network } },
    about,
  );
  if (attempted.events[0]?.type !== "SignInAttempted") throw failed();

  const matches = await verifyPassword(account && hashOf(account), password);
  const membership = account && (await readMembership(app, account.organization, account.id));
  const reason = failureOf(account, membership, matches, app.now().toISOString());
  if (reason || !account) {
    const data = { attempt, reason: reason ?? "unknown-name" } as const;
    await app.execute(signInDecider, stream, { type: "RejectSignIn", data }, step(about, "reject"));
    throw failed();
  }
  const { credential } = account;
  const accepted = await app.execute(
    signInDecider,
    stream,
    { type: "AcceptSignIn", data: { attempt, credential } },
    { ...step(about, "accept"), actor: { kind: "user", id: account.id } },
  );
  const token = await openSession(app, account, envelope);
  return { token, user: account.id, position: accepted.position };
}

/** Opens a session of this person with the credential named. */
export const openSession = (
  app: App,
  { id, organization, credential }: Pick<AccountRow, "id" | "organization" | "credential">,
  { ip, userAgent }: Pick<Envelope, "ip" | "userAgent">,
): Promise<string> =>
  app.sessions.open(id, {
    organization,
    credential,
    openedAt: app.now().getTime(),
    ip,
    userAgent,
  });

/** Who a request is from, as far as authorization needs to know. */
export type Principal = { account: AccountRow; membership: MembershipRow };

/**
 * The person a session token stands for, if all of it still holds now: the session, the credential
 * it was opened with, and an active place in the organization. Reads no lagging view. `keepAlive`
 * tells whether this counts as use of the session.
 */
export async function authenticate(
  app: App,
  token: string,
  { keepAlive }: { keepAlive: boolean },
): Promise<Principal | undefined> {
  const session = await (keepAlive ? app.sessions.validate(token) : app.sessions.peek(token));
  if (!session) return undefined;
  const [account, membership] = await Promise.all([
    readAccount(app, session.userId),
    readMembership(app, session.organization, session.userId),
  ]);
  const holds =
    account?.credential === session.credential &&
    membership?.status === "active" &&
    // A deactivation ends sessions for good: they do not come back with the person.
    Date.parse(membership.since) <= session.openedAt;
  return holds ? { account, membership } : undefined;
}
