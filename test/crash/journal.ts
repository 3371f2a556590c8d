import type { Role } from "@daybook/domain";

/** The events about people that each kind of command leaves when it is answered, each once. */
export const leaves = {
  create: ["UserCreated", "PasswordAssigned", "MemberAdded"],
  rename: ["UserRenamed"],
  changePhone: ["UserPhoneChanged"],
  changeEmail: ["UserEmailChanged"],
  changeRole: ["MemberRoleChanged"],
  deactivate: ["MemberDeactivated"],
  reactivate: ["MemberReactivated"],
  resetPassword: ["PasswordReset"],
  requestLink: ["PasswordResetRequested"],
  sendAgain: [],
} as const satisfies Record<string, readonly string[]>;
export type Kind = keyof typeof leaves;

/** A command: what it asked for, and what it must have left now that it was answered. */
export type Asked = {
  kind: Kind;
  commandId: string;
  data: Readonly<Record<string, unknown>>;
  /** Empty where it was refused. */
  left: readonly string[];
  /** The code of its refusal. */
  refused?: string | undefined;
  /** Asked once, and never again: all of it may be there, or nothing. */
  forgotten?: true;
};

/** What the answers so far say of a person. */
export type Person = {
  id: string;
  shown: {
    username: string;
    email: string;
    firstName: string;
    lastName: string;
    phone: string;
    role: Role;
    status: "active" | "inactive";
  };
  password: string;
  /** How many reset links were asked for. */
  links: number;
  /** How often signing in was tried since it last succeeded. */
  tries: number;
};

/** All that the clients were answered: what the log and the read models are held against. */
export type Journal = {
  asked: Asked[];
  people: Person[];
  signIns: { user: string; position: number }[];
  /** Answers that contradict an earlier answer. */
  contradictions: string[];
};

export const newJournal = (people: Person[] = []): Journal => ({
  asked: [],
  people,
  signIns: [],
  contradictions: [],
});
