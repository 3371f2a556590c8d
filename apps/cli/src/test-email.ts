import { type Config, ConfigError, MailRefused, smtpMailer } from "@daybook/adapters";
import { email } from "@daybook/domain";
import { UsageError } from "./failure.ts";
import type { Output } from "./output.ts";
import { safe } from "./text.ts";

export type TestEmailParts = {
  config: Config;
  now: () => Date;
  newId: () => string;
  output: Output;
};

/** The mail, rendered. The templates take half a second to load, so this is the only use of them. */
async function testMail(to: string, { config, now, newId }: TestEmailParts) {
  const { renderMail } = await import("@daybook/emails");
  const url = config.url ?? `http://${config.host}:${config.port}`;
  const rendered = await renderMail("test-mail", { name: to, at: now().toISOString() }, { url });
  return { id: newId(), to, ...rendered, secrets: [] };
}

/**
 * Asks the mail server whether it takes our sign-in, and gives it a test mail. Throws UsageError,
 * ConfigError, and MailRefused in words.
 */
export async function runTestEmail(address: string, parts: TestEmailParts): Promise<void> {
  const { config, output } = parts;
  const to = email.safeParse(address);
  if (!to.success) throw new UsageError(`${safe(address)}: ${to.error.issues[0]?.message}`);
  if (!config.smtpUrl)
    throw new ConfigError("SMTP_URL is not set: mail is kept on disk and sent to nobody");
  const mailer = smtpMailer(config.smtpUrl, config.mailFrom, config.dkim);
  try {
    await mailer.verify();
    await output.write(`${mailer.destination} answers, and takes mail from us.\n`);
    const mail = await testMail(to.data, parts);
    await mailer.send(mail).catch((error: MailRefused) => {
      const until = error.permanent ? "for good" : "for now, and may take it later";
      throw new MailRefused(
        `${mailer.destination} refused the mail to ${to.data} ${until}: ${error.message}`,
        error.permanent,
      );
    });
    await output.write(
      `It accepted a test mail to ${safe(to.data)}: look whether "${mail.subject}" arrives.\n`,
    );
  } finally {
    await mailer.close();
  }
}
