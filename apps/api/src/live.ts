import type { ServerResponse } from "node:http";
import { type App, authenticate, keepFollowing } from "@daybook/application";
import {
  forbidden,
  limited,
  type Permission,
  parseStream,
  permissionsOf,
  type RecordedEvent,
  type Role,
  unauthenticated,
} from "@daybook/domain";
import { keyOf } from "@daybook/projections";

/** A quiet connection is kept open through proxies, and a session's end is noticed. */
const HEARTBEAT_MS = 15_000;
/** Documents named one by one; above it the client fetches whatever it shows. */
const NAMED_MAX = 200;
/** How long a change waits for its read model before it is told of anyway. */
const BEHIND_MS = 5000;
/** Streams of one person: a handful of browsers, each shared by its tabs. */
const CONNECTIONS_MAX = 10;

/** Whom changes of a read model concern; one that is not here is told to nobody. */
const audience: Readonly<Record<string, Permission>> = {
  people: "people:read",
  history: "history:read",
  mails: "mail:read",
  headcounts: "people:read",
  "sign-in-hours": "history:read",
  "mail-counts": "mail:read",
};

type Connection = {
  response: ServerResponse;
  token: string;
  user: string;
  organization: string;
  role: Role;
};

export type Live = {
  /** Opens the stream of a browser. Refuses `session/required`, `live/too-many`. */
  open: (token: string | undefined, response: ServerResponse) => Promise<void>;
  /** Ends the streams of sessions that no longer hold. */
  recheck: (concerns: (connection: { user: string; token: string }) => boolean) => Promise<void>;
  size: () => number;
  close: () => Promise<void>;
};

/**
 * Live updates: one server-sent-event stream a browser
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html), which says what changed up to
 * which position; the client fetches again what it shows. Written by hand on the response, a
 * connection costs a tenth of what a subscription of the API library takes.
 */
export function startLive(app: App, onError: (error: unknown) => void): Live {
  const connections = new Set<Connection>();
  const abort = new AbortController();

  function end(connection: Connection, reason: string) {
    connections.delete(connection);
    connection.response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }

  async function recheck(concerns: (connection: Connection) => boolean) {
    for (const connection of [...connections].filter(concerns)) {
      const principal = await authenticate(app, connection.token, { keepAlive: false });
      if (!principal) end(connection, "session");
      else connection.role = principal.membership.role;
    }
  }

  /** The documents that a batch of events changes, by organization and read model. */
  function changesOf(events: readonly RecordedEvent[]) {
    const changes = new Map<string, Map<string, Set<string>>>();
    for (const event of events)
      for (const projection of app.views.projections) {
        if (!(projection.name in audience)) continue;
        const key = keyOf(projection, event);
        if (key === undefined) continue;
        const ofOrganization = changes.get(event.meta.organization) ?? new Map();
        changes.set(event.meta.organization, ofOrganization);
        const ids = ofOrganization.get(projection.name) ?? new Set();
        // A history's documents are events: what is shown is the history of somebody.
        ids.add(projection.name === "history" ? (event.meta.subject ?? key) : key);
        ofOrganization.set(projection.name, ids);
      }
    return changes;
  }

  function tell(organization: string, changes: Map<string, Set<string>>, position: number) {
    const told = [...changes].map(([name, ids]) => [name, ids.size > NAMED_MAX ? "all" : [...ids]]);
    const messages = new Map<Role, string>();
    for (const connection of connections) {
      if (connection.organization !== organization) continue;
      const known = messages.get(connection.role);
      const permissions = permissionsOf(connection.role);
      const visible = told.filter(([name]) =>
        permissions.includes(audience[String(name)] as never),
      );
      const message =
        known ??
        (visible.length > 0
          ? `data: ${JSON.stringify({ position, changes: Object.fromEntries(visible) })}\n\n`
          : "");
      messages.set(connection.role, message);
      if (message) connection.response.write(message);
    }
  }

  /** Ends or changes the streams of the people whose account or place the events changed. */
  async function recheckPeople(events: readonly RecordedEvent[]) {
    const people = new Set<string | undefined>();
    for (const { stream, revision, meta } of events) {
      const { category, id } = parseStream(stream);
      if (category !== "user" && category !== "membership") continue;
      people.add(meta.subject);
      // The news may be here before the command has brought up what authorization reads.
      await app.inline.bringUp(category, id, revision).catch(onError);
    }
    await recheck(({ user }) => people.has(user));
  }

  async function follow() {
    const after = await app.events.head();
    for await (const { events, position } of app.events.subscribe({
      after,
      signal: abort.signal,
    })) {
      if (connections.size === 0 || events.length === 0) continue;
      await recheckPeople(events);
      const changes = changesOf(events);
      const names = new Set([...changes.values()].flatMap((one) => [...one.keys()]));
      // A view that is stuck delays its news, not everybody's.
      await Promise.all(
        [...names].map((name) => app.views.waitFor(name, position, BEHIND_MS).catch(onError)),
      );
      for (const [organization, changed] of changes) tell(organization, changed, position);
    }
  }

  const { done } = keepFollowing(follow, abort.signal, onError);
  const heartbeat = setInterval(() => {
    for (const { response } of connections) response.write(":\n\n");
    recheck(() => true).catch(onError);
  }, HEARTBEAT_MS).unref();

  return {
    open: async (token, response) => {
      const principal = token && (await authenticate(app, token, { keepAlive: false }));
      if (!token || !principal) throw unauthenticated("session/required");
      const { account, membership } = principal;
      if (account.mustChangePassword) throw forbidden("session/password-change-required");
      // Whoever left meanwhile closed before anybody listened, and would never be let go.
      if (response.destroyed) return;
      const own = [...connections].filter(({ user }) => user === account.id);
      if (own.length >= CONNECTIONS_MAX) throw limited("live/too-many");
      const { organization, role } = membership;
      const connection = { response, token, user: account.id, organization, role };
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      // Whatever changed before this is not told: the client fetches afresh when it is connected.
      response.write(`retry: 2000\nevent: connected\ndata: {}\n\n`);
      connections.add(connection);
      response.once("close", () => connections.delete(connection));
    },
    recheck,
    size: () => connections.size,
    close: async () => {
      abort.abort();
      clearInterval(heartbeat);
      for (const connection of connections) end(connection, "restart");
      await done;
    },
  };
}
