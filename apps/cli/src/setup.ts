import type { StoreSettings } from "@daybook/adapters";
import { type App, findSetUp, openApp, refuseWeak, type SetUp, setUp } from "@daybook/application";
import { email, PASSWORD_MAX, password, personName, username } from "@daybook/domain";
import { UsageError } from "./failure.ts";
import { isInstalled, requireInstallation } from "./installation.ts";
import type { Output } from "./output.ts";
import type { Ask } from "./prompt.ts";
import { safe } from "./text.ts";

/** What is set up, as an operator gives it: the option, the question, and what is taken if nothing. */
const fields = {
  organization: {
    option: "--organization",
    question: "Name of the organization",
    // The bounds are those of the command, and control characters are refused.
    schema: personName,
    byDefault: "Home",
  },
  email: {
    option: "--email",
    question: "The administrator's e-mail address",
    schema: email,
    byDefault: undefined,
  },
  username: {
    option: "--username",
    question: "Username to sign in with",
    schema: username,
    byDefault: "admin",
  },
  firstName: {
    option: "--first-name",
    question: "First name",
    schema: personName,
    byDefault: "System",
  },
  lastName: {
    option: "--last-name",
    question: "Last name",
    schema: personName,
    byDefault: "Administrator",
  },
} as const;

type Field = keyof typeof fields;
type Given = { [K in Field]?: string };
type Identity = { [K in Field]: string };
const fieldNames = Object.keys(fields) as Field[];

/** The options of `daybook setup`, as they were given. */
export type SetUpOptions = Given & { passwordStdin?: boolean };

export type SetUpParts = {
  config: StoreSettings;
  now: () => Date;
  output: Output;
  /** Asks whoever is at the terminal; nothing where nobody is. */
  asking: (<T>(run: (ask: Ask) => Promise<T>) => Promise<T>) | undefined;
  /** The line that standard input holds. */
  readLine: (max: number) => Promise<string | undefined>;
};

/** Makes the first organization and its administrator, once. Throws UsageError. */
export async function runSetUp(options: SetUpOptions, parts: SetUpParts): Promise<void> {
  const { config, output } = parts;
  const given = parseGiven(options);
  const secret = options.passwordStdin ? await readPassword(parts) : undefined;
  if (isInstalled(config)) {
    requireInstallation(config);
    const before = await withApp(parts, findSetUp);
    if (before) return output.write(describeEarlier(before, config.data));
  }

  const asking = options.passwordStdin ? undefined : parts.asking;
  const identity = asking ? await asking((ask) => askMissing(given, ask)) : complete(given);
  if (secret !== undefined) refuseWeak(secret, identity);
  const { organization, ...administrator } = identity;
  const made = await withApp(parts, (app) =>
    setUp(app, { code: "home", name: organization }, { ...administrator, password: secret }),
  );
  // Somebody else may have been quicker.
  const text = made.repeated ? describeEarlier : describeMade(identity);
  await output.write(text(made, config.data));
}

async function withApp<T>({ config, now }: SetUpParts, use: (app: App) => Promise<T>): Promise<T> {
  const app = await openApp(config, now);
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

/** The value as the product keeps it, or what is wrong with it. */
function parse(field: Field, text: string): { value: string } | { wrong: string } {
  const parsed = fields[field].schema.safeParse(text);
  return parsed.success
    ? { value: parsed.data }
    : { wrong: parsed.error.issues[0]?.message ?? "It is not accepted" };
}

function parseGiven(options: Given): Given {
  const given: Given = {};
  for (const field of fieldNames) {
    const text = options[field];
    if (text === undefined) continue;
    const parsed = parse(field, text);
    if ("wrong" in parsed) throw new UsageError(`${fields[field].option}: ${parsed.wrong}`);
    given[field] = parsed.value;
  }
  return given;
}

function complete(given: Given): Identity {
  if (given.email === undefined)
    throw new UsageError("--email is missing: give the administrator's e-mail address");
  return Object.fromEntries(
    fieldNames.map((field) => [field, given[field] ?? fields[field].byDefault]),
  ) as Identity;
}

async function askMissing(given: Given, ask: Ask): Promise<Identity> {
  const identity = { ...given };
  for (const field of fieldNames) {
    const { question, byDefault } = fields[field];
    let hint = "";
    while (identity[field] === undefined) {
      const answer = await ask(`${hint}${question}${byDefault ? ` [${byDefault}]` : ""}: `);
      const parsed = parse(field, answer.trim() || (byDefault ?? ""));
      if ("value" in parsed) identity[field] = parsed.value;
      else hint = `${parsed.wrong}.\n`;
    }
  }
  return identity as Identity;
}

async function readPassword({ readLine }: SetUpParts): Promise<string> {
  // A character takes at most two code units; the schema counts more exactly.
  const line = await readLine(PASSWORD_MAX * 2 + 2);
  const parsed = password.safeParse(line ?? "");
  if (line === undefined)
    throw new UsageError(
      `--password-stdin: give one line of at most ${PASSWORD_MAX} characters on standard input`,
    );
  if (!parsed.success) throw new UsageError(`--password-stdin: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

const describeMade =
  ({ organization, email: address }: Identity) =>
  ({ code, username: name, password: generated }: SetUp, data: string): string =>
    [
      `Daybook is set up in ${safe(data)}`,
      "",
      `Organization   ${safe(organization)} (${code})`,
      `Administrator  ${name}, ${safe(address)}`,
      ...(generated
        ? [
            `Password       ${generated}`,
            "",
            "The password was generated, and this command does not show it again: keep it, and",
            "change it after you have signed in.",
          ]
        : []),
      "",
      "Start the server with npm start, where it does not run yet, and sign in.",
      "",
    ].join("\n");

const describeEarlier = ({ code, username: name }: SetUp, data: string): string =>
  `Daybook was already set up in ${safe(data)}: the administrator of ${code} is ${safe(name)}. Nothing was changed.\n`;
