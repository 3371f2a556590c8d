export type MailMessage = {
  /** The mail's stream id; every attempt of a round carries the same Message-ID made of it. */
  id: string;
  /** From 2 where the mail is sent again on purpose: a copy of its own, and no second attempt. */
  round?: number | undefined;
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Passwords and links inside the bodies, as they stand there: masked wherever they may not show. */
  secrets: readonly string[];
};

/** Sends mail, or keeps it where a person can look at it. */
export interface Mailer {
  /** Where mail goes, in words for a person. */
  readonly destination: string;
  /**
   * Resolved once the mail is accepted. Throws MailRefused, also where `late` is aborted before: it
   * is not sent after that, unless the server has all of it already.
   */
  send(message: MailMessage, late?: AbortSignal): Promise<void>;
  /** Throws MailRefused where mail could not be sent now. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** The mail was not accepted. A permanent refusal is not worth another attempt. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
  readonly permanent: boolean;
  constructor(message: string, permanent: boolean) {
    super(message);
    this.permanent = permanent;
  }
}
