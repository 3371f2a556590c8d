import type { MailMessage } from "@daybook/adapters";
import { createTransport } from "nodemailer";

/** Mail by nodemailer over a pool of connections, and nothing around it. */
export function openBareMailer(url: string, from: string, maxConnections: number) {
  const transport = createTransport({ url, pool: true, maxConnections });
  return {
    send: ({ to, subject, html, text }: MailMessage) =>
      transport.sendMail({ from, to, subject, html, text }),
    close: () => transport.close(),
  };
}
