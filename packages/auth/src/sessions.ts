import { hash } from "node:crypto";
import type { DocumentStore } from "@daybook/adapters";
import type { Row } from "@daybook/projections";
import { type Adapter, type DatabaseSession, Lucia, TimeSpan } from "lucia";

/** What a session holds besides whose it is. */
export type SessionAttributes = {
  organization: string;
  /** The credential it was opened with: a new one ends the session. */
  credential: string;
  /** Milliseconds since 1970. */
  openedAt: number;
  ip: string | undefined;
  userAgent: string | undefined;
};

declare module "lucia" {
  interface Register {
    Lucia: Lucia<SessionAttributes>;
    DatabaseSessionAttributes: SessionAttributes;
  }
}

export type Session = SessionAttributes & { id: string; userId: string };

/** Idle for half an hour, a session ends (row P11). */
export const IDLE_MINUTES = 30;
/** However busy, it ends after 12 hours. */
const ABSOLUTE_MS = 12 * 3_600_000;

const COLLECTION = "sessions";

type SessionRow = Row & { user: string; expiresAt: number; attributes: SessionAttributes };

/** Only the hash of a token is stored: who reads the store cannot sign in with what is in it. */
const hashed = (token: string): string => hash("sha256", token, "hex");

function adapterOver(state: DocumentStore): Adapter {
  const toSession = (row: SessionRow, token: string): DatabaseSession => ({
    id: token,
    userId: row.user,
    expiresAt: new Date(row.expiresAt),
    attributes: row.attributes,
  });
  const read = async (token: string) =>
    (await state.get<SessionRow>(COLLECTION, hashed(token))) ?? undefined;
  const all = async (where: Record<string, string | { lt: number }>, sort: string) =>
    (
      await state.find<SessionRow>(COLLECTION, {
        where,
        sort: [sort],
        direction: "ascending",
        limit: 500,
      })
    ).rows;
  const removeAll = async (where: Record<string, string | { lt: number }>, sort: string) => {
    for (;;) {
      const rows = await all(where, sort);
      if (rows.length === 0) return;
      await state.remove(
        COLLECTION,
        rows.map(({ id }) => id),
      );
    }
  };

  return {
    getSessionAndUser: async (token) => {
      const row = (await read(token))?.row;
      return row ? [toSession(row, token), { id: row.user, attributes: {} }] : [null, null];
    },
    // Tokens are not known here any more, only their hashes.
    getUserSessions: async (user) =>
      (await all({ user }, "user")).map((row) => toSession(row, row.id)),
    setSession: async ({ id: token, userId, expiresAt, attributes }) => {
      const id = hashed(token);
      const row: SessionRow = {
        id,
        organization: attributes.organization,
        user: userId,
        expiresAt: expiresAt.getTime(),
        attributes,
      };
      await state.write(COLLECTION, [{ id, row, guard: 0, after: undefined }]);
    },
    updateSessionExpiration: async (token, expiresAt) => {
      const found = await read(token);
      if (!found?.row) return;
      const row = { ...found.row, expiresAt: expiresAt.getTime() };
      // Where another request was first, its expiry is as good.
      const { id, guard } = found;
      await state.write(COLLECTION, [{ id, row, guard: guard + 1, after: guard }]);
    },
    deleteSession: async (token) => state.remove(COLLECTION, [hashed(token)]),
    deleteUserSessions: (user) => removeAll({ user }, "user"),
    deleteExpiredSessions: () => removeAll({ expiresAt: { lt: Date.now() } }, "expiresAt"),
  };
}

export type Sessions = {
  /** Opens a session and returns its token: 200 random bits, shown to nobody but the browser. */
  open: (user: string, attributes: SessionAttributes) => Promise<string>;
  /** The session of a token, kept alive by being used; nothing when it has ended. */
  validate: (token: string) => Promise<Session | undefined>;
  /** The same, without keeping it alive. */
  peek: (token: string) => Promise<Session | undefined>;
  end: (token: string) => Promise<void>;
  endExpired: () => Promise<void>;
};

/** Sessions on the server, in the store of what is not derived. */
export async function openSessions(state: DocumentStore): Promise<Sessions> {
  await state.ensure({ name: COLLECTION, indexes: [["user"], ["expiresAt"]] });
  const adapter = adapterOver(state);
  const lucia = new Lucia<SessionAttributes>(adapter, {
    sessionExpiresIn: new TimeSpan(IDLE_MINUTES, "m"),
    getSessionAttributes: (attributes) => attributes,
  });
  return {
    open: async (user, attributes) => (await lucia.createSession(user, attributes)).id,
    validate: async (token) => {
      const { session } = await lucia.validateSession(token);
      if (!session) return undefined;
      if (session.openedAt + ABSOLUTE_MS > Date.now()) return session;
      await lucia.invalidateSession(token);
      return undefined;
    },
    peek: async (token) => {
      const [found] = await adapter.getSessionAndUser(token);
      if (!found || found.expiresAt.getTime() <= Date.now()) return undefined;
      const { id, userId, attributes } = found;
      return attributes.openedAt + ABSOLUTE_MS > Date.now()
        ? { ...attributes, id, userId }
        : undefined;
    },
    end: (token) => lucia.invalidateSession(token),
    endExpired: () => lucia.deleteExpiredSessions(),
  };
}
