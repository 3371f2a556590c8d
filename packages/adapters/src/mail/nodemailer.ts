import { mkdirSync } from "node:fs";
import { access, constants, open, readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { signing } from "./dkim.ts";
import { type Mailer, type MailMessage, MailRefused } from "./port.ts";

// Their sum stays below the lease of an attempt, so that a slow server never gets the mail twice
// from two senders at once.
const CONNECT_MS = 10_000;
const GREETING_MS = 10_000;
const SOCKET_MS = 20_000;

/** As many as servers of others commonly allow one client. */
const CONNECTIONS = 5;

/** Loaded where mail is sent, as by few of the operator's commands: it takes a tenth of a second. */
const nodemailer = (): typeof import("nodemailer") => createRequire(import.meta.url)("nodemailer");

/**
 * Kept beside the sending host's name, so that every attempt of a mail looks the same. A round that
 * was asked for later looks like another mail: servers drop what they have seen before.
 */
function messageId({ id, round = 1 }: MailMessage, from: string): string {
  const host = from.match(/@([^>\s]+)/)?.[1] ?? "localhost";
  return round === 1 ? `<${id}@${host}>` : `<${id}+${round}@${host}>`;
}

/**
 * A body as it goes over the wire. In base64, because nodemailer takes longer to quote a body than
 * for all the rest of sending it.
 */
const encoded = (type: string, body: string) => ({
  raw: [
    `Content-Type: text/${type}; charset=utf-8`,
    "Content-Transfer-Encoding: base64",
    "",
    // RFC 2045: the lines of a text end in CRLF before it is encoded, and what comes out is folded.
    Buffer.from(body.replace(/\r?\n/g, "\r\n")).toString("base64").replace(/.{76}/g, "$&\r\n"),
  ].join("\r\n"),
});

const envelope = (message: MailMessage, from: string) => ({
  from,
  // As an object, so that nothing in the address is read as a second one.
  to: { name: "", address: message.to },
  subject: message.subject,
  html: encoded("html", message.html),
  text: encoded("plain", message.text),
  messageId: messageId(message, from),
});

type SmtpError = Error & { responseCode?: number; code?: string };

/** Answers that ask for a sign-in, or refuse ours: RFC 4954, 6. */
const SIGN_IN_CODES: readonly number[] = [530, 534, 535, 538];

/**
 * RFC 5321, 4.2.1: 5yz is permanent. But only what answers a mail's addresses or its content is about
 * the mail: a refused greeting or sign-in is about the settings, which are mended by the operator.
 * Of the client's own errors only a refused address is about the mail.
 */
function isPermanent({ responseCode, code }: SmtpError): boolean {
  if (responseCode === undefined) return code === "EENVELOPE";
  const isAboutMail = code === "EENVELOPE" || code === "EMESSAGE";
  return isAboutMail && responseCode >= 500 && !SIGN_IN_CODES.includes(responseCode);
}

const refused = (error: SmtpError): never => {
  throw new MailRefused(error.message, isPermanent(error));
};

/**
 * Mail by SMTP, over a pool of connections: without one each mail costs a hundred times more. Before
 * the first mail it is verified that the server takes our sign-in, so that wrong settings are
 * reported as such, and not as an error of each mail. Throws ConfigError for a key that cannot sign.
 */
export function smtpMailer(url: string, from: string, dkim?: Config["dkim"]): Mailer {
  const transport = nodemailer().createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SOCKET_MS,
    ...(dkim && { dkim: signing(dkim) }),
  });
  const destination = new URL(url).host;
  let verified: Promise<void> | undefined;

  /** Asks once for all who wait; again only where it failed. */
  function verifyOnce(): Promise<void> {
    verified ??= transport.verify().then(
      () => {},
      (error) => {
        verified = undefined;
        const reason = `The mail server ${destination} could not be verified: ${error.message}`;
        throw new MailRefused(reason, false);
      },
    );
    return verified;
  }

  return {
    destination,
    send: async (message, signal) => {
      await verifyOnce();
      await transport.sendMail({ ...envelope(message, from), signal }).catch(refused);
    },
    verify: async () => {
      verified = undefined;
      await verifyOnce();
    },
    close: async () => transport.close(),
  };
}

export type StoredMail = MailMessage & { from: string; storedAt: string };

export type Mailbox = Mailer & {
  /** What was sent under this id, or nothing. */
  read: (id: string) => Promise<StoredMail | undefined>;
};

const fileName = (id: string): string => `${id.replaceAll(/[^A-Za-z0-9.-]/g, "_")}.json`;

/** Mail as files in a folder, for development: a later attempt replaces the one before. */
export function mailbox(folder: string, from: string, now: () => Date): Mailbox {
  mkdirSync(folder, { recursive: true });
  const transport = nodemailer().createTransport({ jsonTransport: true });
  let attempts = 0;
  return {
    destination: folder,
    send: async (message) => {
      await transport.sendMail(envelope(message, from));
      const stored: StoredMail = { ...message, from, storedAt: now().toISOString() };
      const path = join(folder, fileName(message.id));
      // Written beside and renamed, so that a reader never sees half a mail, each attempt on its own.
      const part = `${path}.${process.pid}-${++attempts}.part`;
      const file = await open(part, "w", 0o600);
      await file.writeFile(JSON.stringify(stored, undefined, 2));
      await file.sync();
      await file.close();
      await rename(part, path);
    },
    verify: () => access(folder, constants.W_OK),
    read: async (id) => {
      try {
        return JSON.parse(await readFile(join(folder, fileName(id)), "utf8"));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    close: async () => {},
  };
}
