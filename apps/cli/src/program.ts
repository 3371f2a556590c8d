import { Command, Option } from "commander";
import type { EventsOptions } from "./events.ts";
import type { MigrateCommandOptions } from "./migrate.ts";
import type { RestoreCommandOptions } from "./restore.ts";
import type { SetUpOptions } from "./setup.ts";
import { oneLine } from "./text.ts";
import type { VerifyOptions } from "./verify.ts";

/** What the commands lead to. */
export type Actions = {
  setUp: (options: SetUpOptions) => Promise<void>;
  showEvents: (options: EventsOptions) => Promise<void>;
  verify: (projections: string[], options: VerifyOptions) => Promise<void>;
  rebuild: (projection: string) => Promise<void>;
  backUp: (folder: string) => Promise<void>;
  restore: (folder: string, options: RestoreCommandOptions) => Promise<void>;
  migrate: (options: MigrateCommandOptions) => Promise<void>;
  testEmail: (address: string) => Promise<void>;
};

const settings = `
Settings are the server's environment variables, among them:
  DAYBOOK_DATA  the data folder (default: .daybook where the project is)
  DAYBOOK_KEY   the server's key, where it is not kept in the data folder
  SMTP_URL      where mail is sent
  DAYBOOK_LOG   with "debug" a failure shows where in the program it came from

Exit codes: 0 done, 1 failed, 2 the command line is wrong, 130 broken off.
`;

/**
 * The command line: what can be given, and the help that teaches it. Parsing throws commander's
 * CommanderError, also after it has shown help or the version.
 */
export function createProgram(version: string, actions: Actions): Command {
  const program = new Command("daybook")
    .description(
      "Sets up a Daybook installation, shows what is recorded in it, proves it, backs it up, moves " +
        "it, and tries its mail.",
    )
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help; daybook <command> --help shows a command's")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`daybook: ${oneLine(text.replace(/^error: /, ""))}\n`),
    })
    .addHelpText(
      "after",
      `
Examples:
  npx daybook setup
  npx daybook events --since 2h
  npx daybook verify
  npx daybook backup /var/backups/daybook
  npx daybook test-email ada@northwind.example
  npx daybook events --help
${settings}`,
    );
  addSetUp(program, actions);
  addEvents(program, actions);
  addVerify(program, actions);
  addRebuild(program, actions);
  addBackup(program, actions);
  addRestore(program, actions);
  addMigrate(program, actions);
  addTestEmail(program, actions);
  return program;
}

function addSetUp(program: Command, { setUp }: Actions): void {
  program
    .command("setup")
    .summary("make the first organization and its administrator")
    .description(
      "Makes the first organization and its administrator. What is left out is asked for on a " +
        "terminal, else the default is taken. Safe to run again, and while a server runs.",
    )
    .helpOption("-h, --help", "show this help")
    .option("--organization <name>", 'name of the organization (default: "Home")')
    .option("--email <address>", "e-mail address of the administrator (no default)")
    .option("--username <name>", 'what the administrator signs in with (default: "admin")')
    .option("--first-name <name>", 'the administrator\'s first name (default: "System")')
    .option("--last-name <name>", 'the administrator\'s last name (default: "Administrator")')
    .option(
      "--password-stdin",
      "read the password from standard input, and ask for nothing (default: one is generated " +
        "and shown once)",
    )
    .addHelpText(
      "after",
      `
Examples:
  npx daybook setup
      asks for everything
  npx daybook setup --organization "Northwind Trading" --email ada@northwind.example
      asks for the rest, or takes the defaults where there is no terminal
  npx daybook setup --email ada@northwind.example --password-stdin < password.txt
      asks for nothing, with a password of your own
`,
    )
    .action((options: SetUpOptions) => setUp(options));
}

function addEvents(program: Command, { showEvents }: Actions): void {
  program
    .command("events")
    .summary("show what happened, as it was recorded")
    .description(
      "Shows the log of events, the oldest first: as a table for people, or as JSON lines for " +
        "programs. Secrets are never shown. Works while a server runs.",
    )
    .helpOption("-h, --help", "show this help")
    .option(
      "--stream <name>",
      "one stream, or a category with its hyphen, such as user- (default: all)",
    )
    .option("--type <types>", "types of events, with commas between them (default: all)")
    .option("--actor <who>", "who did it: an id or a username (default: anyone)")
    .option("--subject <who>", "whom it is about: an id or a username (default: anyone)")
    .option("--since <time>", "from then on: an ISO time (in UTC), or how long ago: 30m, 2h, 7d")
    .option("--until <time>", "before then, given likewise")
    .addOption(new Option("--limit <number>", "how many, the newest; or all").default("50", "50"))
    .addOption(
      new Option("--follow", "go on with what is recorded from now on, until Ctrl-C").conflicts(
        "until",
      ),
    )
    .addOption(
      new Option("--format <format>", "how to show them")
        .choices(["table", "jsonl"])
        .default("table", "table"),
    )
    .addHelpText(
      "after",
      `
Times are in UTC. On a terminal long ids are cut to their ends, such as user-…e1a564ce, and the name
of a stream can be given in that form too.

Examples:
  npx daybook events --actor ada --since 7d
      what ada did in the last week
  npx daybook events --type SignInFailed,SignInRefused --follow
      failed sign-ins, as they happen
  npx daybook events --stream user- --limit all --format jsonl > users.jsonl
      everything about all people, for a program
`,
    )
    .action((options: EventsOptions) => showEvents(options));
}

function addVerify(program: Command, { verify }: Actions): void {
  program
    .command("verify")
    .summary("prove that what is shown is what is recorded")
    .description(
      "Replays the log into memory and compares every document of every projection with it. Works " +
        "while a server runs. Exits with 1 where something differs, and shows it in both versions.",
    )
    .helpOption("-h, --help", "show this help")
    .argument("[projections...]", "which ones (default: all)")
    .addOption(
      new Option("--format <format>", "how to show the results")
        .choices(["table", "jsonl"])
        .default("table", "table"),
    )
    .addHelpText(
      "after",
      `
The checksum is the same for the same documents, in whichever order: two installations on copies of
one log show the same.

Examples:
  npx daybook verify
      everything
  npx daybook verify people history --format jsonl
      two projections, for a program
`,
    )
    .action((names: string[], options: VerifyOptions) => verify(names, options));
}

function addRebuild(program: Command, { rebuild }: Actions): void {
  program
    .command("rebuild")
    .summary("build a projection again from the log")
    .description(
      "Builds a projection again beside the one that serves, compares it with a replay, and " +
        "switches. A running server does it and goes on serving; without one it is done here.",
    )
    .helpOption("-h, --help", "show this help")
    .argument("<projection>", "which one, as verify lists them")
    .addHelpText(
      "after",
      `
Example:
  npx daybook rebuild people
`,
    )
    .action((name: string) => rebuild(name));
}

function addBackup(program: Command, { backUp }: Actions): void {
  program
    .command("backup")
    .summary("copy everything that is not derived, and check the copy")
    .description(
      "Copies the log, the keys and the server's key to a folder, and reads the copy to its end. " +
        "Works while a server runs.",
    )
    .helpOption("-h, --help", "show this help")
    .argument("<folder>", "where to: a folder that is not there yet")
    .addHelpText(
      "after",
      `
Without DAYBOOK_KEY the back-up holds the server's key and opens everything: keep it safe. With it,
the back-up is of no use without the key: keep that apart.

Examples:
  npx daybook backup /var/backups/daybook-$(date +%F)
`,
    )
    .action((folder: string) => backUp(folder));
}

function addRestore(program: Command, { restore }: Actions): void {
  program
    .command("restore")
    .summary("put a back-up in place")
    .description(
      "Puts a back-up into the data folder while no server runs. Sessions are ended, and who was " +
        "erased since the back-up is erased again.",
    )
    .helpOption("-h, --help", "show this help")
    .argument("<folder>", "the back-up")
    .option("--replace", "move aside what is in the data folder (default: refuse)")
    .option("--erasures <file>", "another ledger of erasures to apply, an erasures.jsonl")
    .addHelpText(
      "after",
      `
Examples:
  npx daybook restore /var/backups/daybook-2026-05-31 --replace
`,
    )
    .action((folder: string, options: RestoreCommandOptions) => restore(folder, options));
}

function addMigrate(program: Command, { migrate }: Actions): void {
  program
    .command("migrate")
    .summary("copy everything that is not derived to other engines")
    .description(
      "Copies log, keys and the ledger of erasures from the engines of the settings to others, and " +
        "compares both logs to their ends. Stop the server first. Broken off, it goes on where it " +
        "was when it is run again; run again after that, it changes nothing.",
    )
    .helpOption("-h, --help", "show this help")
    .addOption(
      new Option(
        "--to-eventstore <url>",
        "EventStoreDB for the log (default: embedded in the folder)",
      ).env("TARGET_EVENTSTORE_URL"),
    )
    .addOption(
      new Option(
        "--to-mongodb <url>",
        "MongoDB for keys and read models (default: embedded in the folder)",
      ).env("TARGET_MONGODB_URL"),
    )
    .option("--to-data <folder>", "the target's data folder (default: DAYBOOK_DATA)")
    .addHelpText(
      "after",
      `
Addresses with passwords are better given as variables: other users of the machine see command lines.
The target needs the same server key: DAYBOOK_KEY, else server.key, which is copied to its folder.
Sessions are not copied, and read models are built by the target. Where retention has deleted events,
the revisions of their streams begin anew, and it says which.

Examples:
  npx daybook migrate --to-eventstore esdb://node1:2113 --to-mongodb mongodb://db1/daybook
      from the data folder to production engines
  EVENTSTORE_URL=esdb://node1:2113 MONGODB_URL=mongodb://db1/daybook \\
    npx daybook migrate --to-data /var/lib/daybook
      and back into a folder
`,
    )
    .action((options: MigrateCommandOptions) => migrate(options));
}

function addTestEmail(program: Command, { testEmail }: Actions): void {
  program
    .command("test-email")
    .summary("try whether mail can be sent")
    .description(
      "Asks the mail server of SMTP_URL whether it takes our sign-in, and sends a test mail from " +
        "MAIL_FROM, signed if that is set. Nothing is recorded. Works while a server runs.",
    )
    .helpOption("-h, --help", "show this help")
    .argument("<address>", "to whom")
    .addHelpText(
      "after",
      `
Exits with 1 where the mail was not accepted, and says why.

Example:
  SMTP_URL=smtps://user:password@mail.northwind.example npx daybook test-email ada@northwind.example
`,
    )
    .action((address: string) => testEmail(address));
}
