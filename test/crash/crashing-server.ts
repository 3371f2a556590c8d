import {
  type DocumentStore,
  type EventStore,
  type Mailer,
  openStores,
  readConfig,
  type Stores,
} from "@daybook/adapters";
import pino from "pino";
import { v7 } from "uuid";
import { serve } from "../../apps/server/src/serve.ts";

/**
 * The server with a point at which it kills itself, as CRASH_AT names it, or a message while it runs:
 * "append:UserCreated#2" is right after the second append of a UserCreated from then on, before
 * anybody is told; without a number it is the first. The points are "append:<type of event>",
 * "write:<collection>" or "write:<collection>:<id>" of documents, and "send", when the mail server has
 * accepted a mail.
 */

let point: string | undefined;
let left = 0;

function arm(at: string): void {
  const [name, nth = "1"] = at.split("#");
  point = name;
  left = Number(nth);
}
arm(process.env.CRASH_AT ?? "");
process.on("message", (at) => arm(String(at)));
// It does not run for the sake of what it may be told.
process.channel?.unref();

function pass(name: string): void {
  if (name === point && --left === 0) process.kill(process.pid, "SIGKILL");
}

const crashingEvents = (events: EventStore): EventStore => ({
  ...events,
  append: async (stream, expected, given) => {
    const appended = await events.append(stream, expected, given);
    for (const { type } of given) pass(`append:${type}`);
    return appended;
  },
});

const crashingDocuments = (documents: DocumentStore): DocumentStore => ({
  ...documents,
  write: async (collection, writes) => {
    const lost = await documents.write(collection, writes);
    for (const { id } of writes) pass(`write:${collection}:${id}`);
    pass(`write:${collection}`);
    return lost;
  },
});

const crashingMailer = (mailer: Mailer): Mailer => ({
  ...mailer,
  send: async (message) => {
    await mailer.send(message);
    pass("send");
  },
});

const crashing = (stores: Stores): Stores => ({
  ...stores,
  events: crashingEvents(stores.events),
  documents: crashingDocuments(stores.documents),
});

const config = readConfig(process.env);
await serve(config, "all", {
  now: () => new Date(),
  newId: v7,
  logger: pino({ level: config.log }),
  openStores: async (settings) => crashing(await openStores(settings)),
  throughMailer: crashingMailer,
  say: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
});
