import { once } from "node:events";
import { startMongo } from "../../support/mongodb.ts";

/** A MongoDB of its own for whoever has started this process, for as long as that one is there. */

const gone = once(process, "disconnect");
const engine = await startMongo();
if (process.connected) process.send?.({ url: engine.url });
await gone;
await engine.remove();
