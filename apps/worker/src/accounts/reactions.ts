import {
  type App,
  addMember,
  continuing,
  defineReaction,
  type MailRequest,
  readAccount,
  requestMail,
} from "@daybook/application";
import { unlessErased, user, userEvents } from "@daybook/domain";
import type { FoldMeta } from "@daybook/projections";

/** Goes on with a creation that was cut short between the person and their place. */
export const placeInOrganization = defineReaction(userEvents, "add-member", {
  UserCreated: (app, { homeRole }, meta) => addMember(app, meta.id, homeRole, continuing(meta)),
});

type Recipient = { name: string; username: string; email: string };

/** Mails the person whom an event is about; nobody, once their data is erased. */
async function mailTo(app: App, meta: FoldMeta, compose: (to: Recipient) => MailRequest) {
  // The event may be seen before the command that recorded it has brought the account up to it.
  await app.inline.bringUp(user.stream, meta.id, meta.revision);
  const account = await readAccount(app, meta.id);
  const email = account && unlessErased(account.email);
  if (!account || email === undefined) return;
  const name = unlessErased(account.firstName) ?? "";
  const mail = compose({ name, username: unlessErased(account.username) ?? "", email });
  await requestMail(app, "account-mail", meta, mail);
}

const passwordChanged = (app: App, _: unknown, meta: FoldMeta) =>
  mailTo(app, meta, ({ name, email }) => ({
    template: "password-changed",
    to: email,
    properties: { name, at: meta.at },
  }));

/** Tells people of what happened to their account. */
export const accountMails = defineReaction(userEvents, "account-mail", {
  PasswordAssigned: (app, { credential, temporary, expiresAt }, meta) =>
    mailTo(app, meta, (properties) => ({
      template: "account-created",
      to: properties.email,
      properties,
      ...(temporary && {
        secret: { kind: "temporary-password", user: meta.id, id: credential },
      }),
      ...(temporary && expiresAt && { expiresAt }),
    })),
  PasswordReset: (app, { credential, expiresAt }, meta) =>
    mailTo(app, meta, ({ name, username, email }) => ({
      template: "password-reset",
      to: email,
      properties: { name, username },
      secret: { kind: "temporary-password", user: meta.id, id: credential },
      expiresAt,
    })),
  PasswordResetRequested: (app, { request, expiresAt }, meta) =>
    mailTo(app, meta, ({ name, email }) => ({
      template: "password-reset-link",
      to: email,
      properties: { name },
      secret: { kind: "reset-link", user: meta.id, id: request },
      expiresAt,
    })),
  PasswordChanged: passwordChanged,
  PasswordRecovered: passwordChanged,
});
