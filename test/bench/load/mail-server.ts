import { mailServer } from "../../support/mail-server.ts";

/** A mail server that takes everything, in a process of its own. */

const { url } = await mailServer();
process.send?.({ url });
