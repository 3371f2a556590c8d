import type { Row } from "../row.ts";
import { big } from "./big.ts";
import { commands } from "./commands.ts";
import { http } from "./http.ts";
import { lists } from "./lists.ts";
import { live } from "./live.ts";
import { mails } from "./mails.ts";
import { replays } from "./replay.ts";
import { signIns } from "./sign-ins.ts";
import { streams } from "./streams.ts";
import { visible } from "./visible.ts";

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  ...commands,
  ...http,
  ...signIns,
  ...replays,
  ...visible,
  ...live,
  ...big,
  ...streams,
  ...lists,
  ...mails,
];

/** Those on production engines. Who does not ask for them is spared their clients. */
export const engineRows = async (): Promise<readonly Row[]> =>
  (await import("./engines/index.ts")).engines;
