/** Every code, event and field, in words for people. Another language is another file like this. */

export const refusalTexts: Readonly<Record<string, string>> = {
  "sign-in/failed":
    "That name and password do not match, or sign-in is paused after too many attempts. Check both and try again in a while.",
  "session/required": "Your session has ended. Sign in again.",
  "session/forbidden": "You may not do this. Ask an administrator for the permission.",
  "session/password-change-required": "Choose a password of your own first.",
  "user/unknown": "There is no such person. They may belong to another organization.",
  "user/email-taken": "Somebody else uses this e-mail address.",
  "user/username-taken": "Somebody else uses this username.",
  "user/abandoned": "This took too long and was given up. Try again.",
  "user/password-changed-meanwhile":
    "Your password was changed or reset meanwhile. Sign in with the new one.",
  "user/reset-self": "Use “Change password” in your own account instead.",
  "user/reset-link-spent":
    "This link was used already or is older than 24 hours. Ask for a new one.",
  "membership/self":
    "You cannot change your own role or deactivate yourself. Ask another administrator.",
  "membership/unknown": "This person has no place in your organization.",
  "password/wrong": "That is not your current password, or there were too many attempts.",
  "password/same": "Choose a password that differs from the current one.",
  "password/context": "It is too close to your name, your address or the name of this product.",
  "password/pattern": "It repeats or follows a pattern. Choose something harder to guess.",
  "revision/changed": "Somebody changed this while you were editing.",
  "command/id-reused": "This was sent before for something else. Close the form and try again.",
  "person/erased": "This person’s data was erased for good. Nothing about them can be changed.",
  "view/contended": "Too many changes at once. Try again.",
  "command/contended": "Too many changes at once. Try again.",
  "view/behind": "The server is still catching up. Try again in a moment.",
  "store/unavailable":
    "The server cannot store anything now. Nothing was changed; try again later.",
  "list/unknown": "There is no such list.",
  "list/cursor": "This page of the list is out of date. Start from the top.",
  "live/too-many": "Too many windows are open.",
  "input/invalid": "Some of what was entered is not valid.",
  "history/unknown": "There is no such entry. It may belong to another organization.",
  "mail/unknown": "There is no such mail.",
  "mail/under-way": "This mail is on its way already. Wait until it was sent, or has failed.",
  "mail/expired":
    "What this mail says is of no use any more: its link or password has ended. Ask for a new one.",
  "server/failed": "Something went wrong on our side. It was logged; try again.",
};

export const fieldLabels: Readonly<Record<string, string>> = {
  username: "Username",
  email: "E-mail address",
  firstName: "First name",
  lastName: "Last name",
  phone: "Phone",
  role: "Role",
  status: "Status",
  password: "Password",
  current: "Current password",
  name: "E-mail address or username",
  temporary: "Temporary password",
  template: "Mail",
  to: "To",
  error: "Error",
  reason: "Reason",
};

export const roleTexts = {
  administrator: "Administrator",
  auditor: "Auditor",
  member: "Member",
} as const;

export const valueTexts: Readonly<Record<string, string>> = {
  ...roleTexts,
  active: "Active",
  inactive: "Inactive",
  true: "Yes",
  false: "No",
};

/** What happened, as a timeline says it behind the name of who did it. */
export const eventTexts: Readonly<Record<string, string>> = {
  UserCreated: "created this person",
  UserAbandoned: "gave up a creation that had stopped",
  UserEmailChanged: "changed the e-mail address",
  UserRenamed: "changed the name",
  UserPhoneChanged: "changed the phone number",
  ClaimForfeited: "gave a reserved value to somebody else",
  PasswordAssigned: "set the first password",
  PasswordReset: "reset the password",
  PasswordChanged: "changed the password",
  PasswordResetRequested: "asked for a reset link",
  PasswordRecovered: "set a new password by a reset link",
  MemberAdded: "gave a place in the organization",
  MemberRoleChanged: "changed the role",
  MemberDeactivated: "deactivated this person",
  MemberReactivated: "reactivated this person",
  SignInSucceeded: "signed in",
  SignInFailed: "failed to sign in",
  SignInRefused: "was kept waiting after too many attempts",
  SignInFailuresCleared: "cleared the failed attempts",
  MailRequested: "requested a mail",
  MailSent: "sent a mail",
  MailFailed: "failed to send a mail",
  MailRepeated: "had a mail sent again",
};

export const mailTexts: Readonly<Record<string, string>> = {
  "account-created": "Account created",
  "password-reset": "Password reset",
  "password-reset-link": "Reset link",
  "password-changed": "Password changed",
  "test-mail": "Test mail",
  waiting: "Waiting",
  sending: "Sending",
  sent: "Sent",
  failed: "Failed",
};
