import type { HistoryKind } from "@daybook/projections";
import { IconKey, IconLogin2, IconMail, IconShield, IconUser } from "@tabler/icons-react";

/** How each kind of entry is drawn: by its shape, and not by its colour alone. */
export const kindIcons = {
  account: IconUser,
  password: IconKey,
  access: IconShield,
  "sign-in": IconLogin2,
  mail: IconMail,
} satisfies Record<HistoryKind, unknown>;

/** Events that stand out: what went wrong, what was taken away, and what began. */
export const tones: Readonly<Record<string, "bad" | "warning" | "good">> = {
  SignInFailed: "warning",
  SignInRefused: "bad",
  MailFailed: "bad",
  MemberDeactivated: "bad",
  MemberReactivated: "good",
  UserCreated: "good",
};
