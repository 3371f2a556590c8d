import { setTimeout as delay } from "node:timers/promises";
import { inProcessQueue, mailbox, openStores } from "@daybook/adapters";
import { appOver, createPerson } from "@daybook/application";
import { startWorker } from "@daybook/worker";
import { v7 } from "uuid";
import { afterEach, expect, test } from "vitest";
import { personNamed } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";

const place = temporaryFolder();
let stop = async () => {};
afterEach(() => stop());

/** A mail is owed from the event on: also where a reaction sees it before any read model does. */
test("somebody is mailed whose account is not in the read models yet", async () => {
  const stores = await place.opened(openStores({ data: place.path(), key: undefined }));
  const { write } = stores.documents;
  stores.documents.write = async (collection, writes) => {
    if (collection.startsWith("accounts-")) await delay(300);
    return write(collection, writes);
  };
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const now = () => new Date();
  const app = await appOver(stores, now);
  const worker = await startWorker({
    ...{ app, mailer: mailbox(place.file("mailbox"), "daybook@test.example", now), newId: v7 },
    ...{ queue: inProcessQueue(now, onError), url: () => "http://test.example" },
    ...{ signInDays: 90, onError },
  });
  stop = worker.stop;
  const envelope = { commandId: v7(), actor: { kind: "user", id: "ada" } as const };
  await createPerson(app, personNamed("grace"), { ...envelope, organization: v7() });
  const to = await eventually(async () => {
    const [requested] = await Array.fromAsync(app.events.readAll({ types: ["MailRequested"] }));
    return requested?.data.to;
  });
  expect(to).toBe(personNamed("grace").email);
  expect(errors).toEqual([]);
});
