import { openEventStoreDb } from "@daybook/adapters/eventstoredb";
import { afterAll, afterEach } from "vitest";
import { eventStoreDbs } from "../support/event-store-db.ts";
import { eventStoreContract } from "./event-store-contract.ts";

const servers = eventStoreDbs();
afterEach(servers.stop);
afterAll(servers.close);

const open = async (folder: string) => openEventStoreDb((await servers.serve(folder)).url);

// There is no index of ids in EventStoreDB: at a revision that is right it takes an id wherever else
// that stands. To find out would cost a read of the log before each append. The command path never
// asks for it: its ids derive from the command and the stream, and a command that was done already
// is recognized in what it read.
const excused = { idsElsewhere: true };

eventStoreContract("EventStoreDB", open, excused);
