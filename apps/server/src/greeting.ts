import type { SetUp } from "@daybook/application";
import { isDemo } from "./demo.ts";

export type Greeting = {
  /** The address people use. */
  url: string;
  listensOn: string;
  setup: SetUp | undefined;
  /** Where mail goes, and whether it is kept there to be read. */
  destination: string;
  kept: boolean;
};

/** What is said, line by line, once the program answers. */
export function greeting({ url, listensOn, setup, destination, kept }: Greeting): string[] {
  const running = `Daybook is running at ${url}${url === listensOn ? "" : `, listening on ${listensOn}`}`;
  const mail = kept
    ? `Mail is kept in ${destination}, to be read at ${url}/mail`
    : `Mail is sent by ${destination}`;
  if (!setup)
    return [
      running,
      "There is nobody yet: make the first administrator with  npx daybook setup",
      mail,
    ];
  // Made for whoever tries the product; another administrator was told theirs once.
  if (isDemo(setup) && setup.password)
    return [running, `Sign in as ${setup.username} with the password ${setup.password}`, mail];
  return [running, mail];
}

/** The same of a process that people do not talk to. */
export const greetingOfWorker = (destination: string): string[] => [
  "Daybook's worker is running",
  `Mail is sent by ${destination}`,
];
