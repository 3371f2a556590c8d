import { resolve } from "node:path";
import { z } from "zod";

const bool = z
  .enum(["0", "1", "true", "false"])
  .transform((text) => text === "1" || text === "true");

/** An engine's address. Several hosts are separated by commas, which a plain URL does not allow. */
const url = (protocol: RegExp) =>
  z.string().refine(
    (text) => {
      const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(.+)$/.exec(text) ?? [];
      return protocol.test(scheme) && rest !== "";
    },
    `an address that begins with ${protocol.source.replace(/[^a-z].*$/, "")}://`,
  );

/** Labels with dots between them, as they stand in the DNS and in a header. */
const DOMAIN = /^[a-z\d_-]+(\.[a-z\d_-]+)*$/i;

const settings = {
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65535).default(4000),
  DAYBOOK_DATA: z.string().min(1).default(".daybook"),
  DAYBOOK_DEMO: bool.optional(),
  DAYBOOK_KEY: z
    .string()
    .refine((key) => Buffer.from(key, "base64").length === 32, "32 bytes in base64")
    .optional(),
  DAYBOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  DAYBOOK_TRUST_PROXY: z.string().min(1).optional(),
  DAYBOOK_LOG: z.enum(["fatal", "error", "warn", "info", "debug", "silent"]).default("warn"),
  DAYBOOK_SIGN_IN_DAYS: z.coerce.number().int().min(1).max(3650).default(90),
  DAYBOOK_METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  EVENTSTORE_URL: url(/^(esdb|kurrentdb)(\+discover)?$/).optional(),
  MONGODB_URL: url(/^mongodb(\+srv)?$/).optional(),
  REDIS_URL: url(/^rediss?$/).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().regex(/@/, "an address").default("Daybook <daybook@localhost>"),
  MAIL_DKIM_DOMAIN: z.string().regex(DOMAIN, "a domain").optional(),
  MAIL_DKIM_SELECTOR: z.string().regex(DOMAIN, "a selector").optional(),
  MAIL_DKIM_KEY: z.string().min(1).optional(),
};

export type Config = {
  host: string;
  port: number;
  /** Absolute path of the folder that holds everything. */
  data: string;
  demo: boolean;
  key: string | undefined;
  /** The address people use, without a slash at the end; made of host and port by default. */
  url: string | undefined;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  trustProxy: string | undefined;
  /** Where monitors ask for metrics and health, besides the address people use. */
  metricsPort: number | undefined;
  /** EventStoreDB, instead of the embedded log. */
  eventStoreUrl: string | undefined;
  /** MongoDB, instead of the embedded documents. */
  mongodbUrl: string | undefined;
  /** Redis, instead of the queue in this process. */
  redisUrl: string | undefined;
  log: z.output<(typeof settings)["DAYBOOK_LOG"]>;
  signInDays: number;
  smtpUrl: string | undefined;
  mailFrom: string;
  /** How mail is signed, so that receivers believe its sender; `keyFile` holds the private key. */
  dkim: { domain: string; selector: string; keyFile: string } | undefined;
};

/** A setting is missing, malformed or unknown. The message is one line, for an operator. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Signing = "MAIL_DKIM_DOMAIN" | "MAIL_DKIM_SELECTOR" | "MAIL_DKIM_KEY";

function readDkim(data: { [K in Signing]?: string | undefined }): Config["dkim"] {
  const { MAIL_DKIM_DOMAIN: domain, MAIL_DKIM_SELECTOR: selector, MAIL_DKIM_KEY: key } = data;
  if (domain && selector && key) return { domain, selector, keyFile: resolve(key) };
  if (!domain && !selector && !key) return undefined;
  throw new ConfigError(
    "MAIL_DKIM_DOMAIN, MAIL_DKIM_SELECTOR and MAIL_DKIM_KEY belong together: set all of them or none.",
  );
}

/** Reads the settings. Throws ConfigError for the first that is unknown or malformed. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const unknown = Object.keys(env).find(
    (name) => name.startsWith("DAYBOOK_") && !(name in settings),
  );
  if (unknown)
    throw new ConfigError(`${unknown} is not a setting; the README lists those there are.`);
  // Better refused than silently ignored.
  if (env.FILES_URL)
    throw new ConfigError("FILES_URL is set, but files are kept in a folder only.");
  // A variable that is set to nothing counts as not set, as in docker-compose files.
  const given = Object.fromEntries(
    Object.keys(settings).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const parsed = z.object(settings).safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`${issue?.path.join(".")}: ${issue?.message}.`);
  }
  const { data } = parsed;
  return {
    host: data.HOST,
    port: data.PORT,
    data: resolve(data.DAYBOOK_DATA),
    // Made up people are for trying the product, which is done on the embedded engines.
    demo: data.DAYBOOK_DEMO ?? !(data.EVENTSTORE_URL || data.MONGODB_URL),
    key: data.DAYBOOK_KEY,
    url: data.DAYBOOK_URL?.replace(/\/+$/, ""),
    trustProxy: data.DAYBOOK_TRUST_PROXY,
    metricsPort: data.DAYBOOK_METRICS_PORT,
    eventStoreUrl: data.EVENTSTORE_URL,
    mongodbUrl: data.MONGODB_URL,
    redisUrl: data.REDIS_URL,
    log: data.DAYBOOK_LOG,
    signInDays: data.DAYBOOK_SIGN_IN_DAYS,
    smtpUrl: data.SMTP_URL,
    mailFrom: data.MAIL_FROM,
    dkim: readDkim(data),
  };
}

/** Whether only this machine can reach the server. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
