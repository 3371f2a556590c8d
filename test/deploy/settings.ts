import { isDeepStrictEqual } from "node:util";
import { type Config, ConfigError, readConfig } from "@daybook/adapters";

/** Whether the program knows a setting: then what makes no sense is either refused or taken. */
export function isSetting(name: string): boolean {
  try {
    return !isDeepStrictEqual(readConfig({ [name]: "?" }), readConfig({}));
  } catch (error) {
    return error instanceof ConfigError && !error.message.includes("is not a setting");
  }
}

/** What stands for what an operator fills in. */
const filledIn: Record<string, string> = {
  DAYBOOK_KEY: Buffer.alloc(32).toString("base64"),
  DAYBOOK_URL: "https://daybook.example",
  EVENTSTORE_URL: "esdb://somebody:secret@eventstore:2113",
  MONGODB_URL: "mongodb://somebody:secret@mongodb:27017/daybook",
  REDIS_URL: "redis://:secret@redis:6379",
  SMTP_URL: "smtp://mail:1025",
  MAIL_FROM: "Daybook <daybook@daybook.example>",
};

export const givenFor = (name: string): string => filledIn[name] ?? "secret";

/** Reads settings as the program does, and fails for a name that it would pass over. */
export function readSettings(env: Record<string, string>): Config {
  const strange = Object.keys(env).find((name) => !isSetting(name));
  if (strange) throw new Error(`${strange} is no setting`);
  return readConfig(env);
}
