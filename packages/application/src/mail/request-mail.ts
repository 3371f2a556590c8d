import { type MailSecret, type MailTemplate, mail, type mailTemplates } from "@daybook/domain";
import type { FoldMeta } from "@daybook/projections";
import type { z } from "zod";
import type { App } from "../app.ts";
import { following } from "../reactions/reaction.ts";

/** A mail as a reaction asks for it: the template decides the properties. */
export type MailRequest = {
  [K in MailTemplate]: {
    template: K;
    to: string;
    properties: z.input<(typeof mailTemplates)[K]>;
    secret?: MailSecret;
    expiresAt?: string;
  };
}[MailTemplate];

/** Requests a mail about an event: once, however often the event is seen. */
export const requestMail = (app: App, by: string, meta: FoldMeta, data: MailRequest) =>
  app.execute(mail, `${meta.eventId}.${by}`, { type: "RequestMail", data }, following(meta, by));
