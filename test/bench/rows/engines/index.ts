import type { Row } from "../../row.ts";
import { eventStoreDb } from "./event-store-db.ts";
import { jobs } from "./jobs.ts";
import { mongoDb } from "./mongodb.ts";
import { smtp } from "./smtp.ts";

/** Every row on a production engine, in the order of the table. */
export const engines: readonly Row[] = [...eventStoreDb, ...mongoDb, ...jobs, ...smtp];
