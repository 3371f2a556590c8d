import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { AppRouter } from "@daybook/api";
import { createPerson, openApp, setUp } from "@daybook/application";
import { organization } from "@daybook/domain";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { v7 } from "uuid";
import { expect } from "vitest";
import { command, refusal } from "../support/client.ts";
import { dataFolder, startServer, type TestServer } from "../support/server.ts";
import { emptyModel, type Model, Refused } from "./model.ts";
import { GOOD, signIn } from "./password-rules.ts";
import { type Answer, addPerson, type OnPerson, peopleRules } from "./people-rules.ts";

export type Client = ReturnType<typeof createTRPCClient<AppRouter>>;

/** A request that may be sent again under its command id, by the procedure's name. */
export type Request = {
  procedure: keyof typeof peopleRules;
  input: OnPerson | { commandId: string; data: object };
};

/** The running product beside the model. */
export type World = {
  model: Model;
  server: TestServer;
  /** Whoever only watches, one of each organization: an administrator whom nothing is done to. */
  watchers: Record<string, string>;
  /** A client of a browser, whose queries have seen the log up to the last answer. */
  client: (browser: string) => Client;
  /** The highest position that was answered. */
  position: number;
  sent: Request[];
  /** The temporary passwords that were answered, by command id. */
  secrets: Map<string, string>;
};

/** Browsers that people sign in at, besides those of the watchers. */
export const BROWSERS = ["one", "two", "three", "four", "five"];
export const WATCHERS = ["acme", "globex"];

const somebody = (username: string) => ({
  ...{ username, email: `${username}@watch.example`, phone: "", role: "administrator" as const },
  ...{ firstName: "Wim", lastName: username, password: GOOD[0] as string },
});

/** Two organizations, each with an administrator: the product makes the second one only here. */
async function found(data: string, model: Model) {
  const app = await openApp({ data, key: undefined }, () => new Date());
  const [acme, globex] = [somebody("acme"), somebody("globex")];
  const first = await setUp(app, { code: "acme", name: "acme" }, acme);
  const home = v7();
  const actor = { kind: "system", id: "test" } as const;
  const about = () => ({ commandId: v7(), actor, organization: home });
  const create = { type: "CreateOrganization", data: { code: "globex", name: "globex" } } as const;
  await app.execute(organization, home, create, about());
  const second = await createPerson(app, globex, about());
  await app.close();
  for (const [data, by, user] of [
    [acme, { id: "setup", organization: first.organization }, first.user],
    [globex, { id: "test", organization: home }, second.user],
  ] as const)
    addPerson(model, data, by, { commandId: "", answer: { user } });
  return { [first.organization]: "acme", [home]: "globex" };
}

/** A browser: it keeps the session's cookie, also while the server is away. */
function browserAt(world: () => { server: TestServer; seen: string }) {
  let cookie = "";
  const open = (url: string) =>
    createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({
          url: `${url}/trpc`,
          headers: () => ({ cookie, "x-daybook-seen": world().seen }),
          fetch: async (input, init) => {
            const response = await fetch(input, init as RequestInit);
            for (const set of response.headers.getSetCookie()) cookie = set.split(";")[0] ?? "";
            return response;
          },
        }),
      ],
    });
  let at = "";
  let client: Client;
  // One for as long as the server is there, so that what is asked at once is sent at once.
  return () => {
    const { url } = world().server;
    if (url !== at) client = open(url);
    at = url;
    return client;
  };
}

/** A fresh server with two organizations in it, and the model of that. */
export async function openWorld(): Promise<World> {
  const model = emptyModel();
  const data = await dataFolder();
  const watchers = await found(data, model);
  const server = await startServer({ DAYBOOK_DATA: data });
  let logId = "";
  const current = () => ({ server: world.server, seen: `${logId}:${world.position}` });
  const clients = Object.fromEntries(
    [...BROWSERS, ...WATCHERS].map((name) => [name, browserAt(current)]),
  );
  const client = (browser: string) => (clients[browser] as () => Client)();
  const secrets = new Map<string, string>();
  const world: World = { model, server, watchers, client, position: 0, sent: [], secrets };
  for (const name of WATCHERS) {
    const password = GOOD[0] as string;
    const { me, position } = await client(name).session.signIn.mutate({ name, password });
    signIn(model, name, name, password);
    logId = me?.logId ?? "";
    world.position = position;
  }
  return world;
}

/** Ends the server and starts it again, on all files or on those that the rest derives from. */
export async function restart(
  world: World,
  signal: NodeJS.Signals,
  withoutViews = false,
): Promise<void> {
  const status = await world.server.end(signal);
  expect(status).toBe(signal === "SIGTERM" ? 0 : null);
  const views = ["views.db", "views.db-wal", "views.db-shm"];
  if (withoutViews)
    for (const file of views) await rm(join(world.server.data, file), { force: true });
  world.server = await startServer({ DAYBOOK_DATA: world.server.data });
}

export type Outcome<T> = { answer: T } | { refusal: string };

/** What a call came to. */
export const outcomeOf = <T>(call: Promise<T>): Promise<Outcome<T>> =>
  call.then(
    (answer) => ({ answer }),
    async (error) => ({ refusal: await refusal(Promise.reject(error)) }),
  );

/** What it should have come to. */
export function expected<T>(rule: () => T): Outcome<T> {
  try {
    return { answer: rule() };
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.code };
    throw error;
  }
}

/**
 * Sends a request, and tells the model. What is expected is made after the answer, since the model
 * learns from it what the product has made up: ids and passwords.
 */
export async function send<T extends object>(
  world: World,
  call: () => Promise<T>,
  rule: (answer: Partial<T>) => object,
): Promise<Partial<T> & { position?: number }> {
  world.model.nowMs = Date.now();
  const outcome = await outcomeOf(call());
  const answer: Partial<T> & { position?: number } = "answer" in outcome ? outcome.answer : {};
  const wanted = expected(() => rule(answer));
  if ("refusal" in wanted) expect(outcome).toEqual(wanted);
  else expect(outcome).toMatchObject(wanted);
  // Not every answer names a position: then somebody else's does, who comes after.
  const { position } = "position" in answer ? answer : await mark(world);
  world.position = Math.max(world.position, position ?? 0);
  return answer;
}

/** A command that changes nothing but the log, which is by then past everything before it. */
async function mark({ model, client }: World): Promise<Answer> {
  const id = model.sessions.get("acme") ?? "";
  const input = { ...command({ phone: "" }), id };
  const answer = await client("acme").people.changePhone.mutate(input);
  peopleRules.changePhone(model, "acme", input, answer);
  return answer;
}

/** Sends a command on people, whichever it is, and keeps it so that it can be sent again. */
export async function sendRequest(
  world: World,
  browser: string,
  request: Request,
  before: (call: () => Promise<unknown>) => Promise<void> = async () => {},
): Promise<Answer> {
  const { procedure, input } = request;
  const call = () => {
    const { mutate } = world.client(browser).people[procedure];
    return (mutate as (input: unknown) => Promise<Answer>)(input);
  };
  await before(call);
  world.sent.push(request);
  const answer = await send(world, call, (answer) =>
    peopleRules[procedure](world.model, browser, input as never, answer),
  );
  if (answer.temporaryPassword) world.secrets.set(input.commandId, answer.temporaryPassword);
  return answer;
}
