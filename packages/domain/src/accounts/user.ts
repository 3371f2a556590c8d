import { conflict, defineDecider, forbidden, invalid, notFound } from "../kernel/index.ts";
import { userCommands } from "./commands.ts";
import { type ClaimHold, userEvents } from "./events.ts";

/** What decisions about a person's identity and credentials read. */
type User = {
  status: "unknown" | "created" | "abandoned";
  email: ClaimHold;
  username: ClaimHold;
  credential: string;
  forfeited: readonly string[];
  /** Open reset links: request id to expiry. */
  resets: Readonly<Record<string, string>>;
  /** When links were asked for lately, to bound how many are mailed. */
  asked: readonly string[];
};

/** Links mailed to one person within an hour: enough for a lost mail, too few to be a nuisance. */
const RESETS_PER_HOUR = 3;
const HOUR_MS = 3_600_000;

const noClaim: ClaimHold = { name: "", token: "" };

const exists = ({ status }: User) => {
  if (status !== "created") throw notFound("user/unknown");
};

const newCredential = (user: User, { credential }: { credential: string }): User => ({
  ...user,
  credential,
  resets: {},
});

export const user = defineDecider<User>()({
  stream: "user",
  commands: userCommands,
  events: userEvents,
  initial: {
    status: "unknown",
    email: noClaim,
    username: noClaim,
    credential: "",
    forfeited: [],
    resets: {},
    asked: [],
  },
  decide: {
    CreateUser({ status }, { credential, hash, temporary, expiresAt, ...identity }) {
      if (status === "created") throw conflict("user/exists");
      if (status === "abandoned") throw conflict("user/abandoned");
      return [
        { type: "UserCreated", data: identity },
        {
          type: "PasswordAssigned",
          data: { credential, hash, temporary, ...(expiresAt && { expiresAt }) },
        },
      ];
    },
    AbandonUser({ status }) {
      if (status === "created") throw conflict("user/exists");
      return status === "abandoned" ? [] : [{ type: "UserAbandoned", data: {} }];
    },
    ChangeUserEmail(state, data) {
      exists(state);
      if (data.claim.name === state.email.name) return [];
      if (state.forfeited.includes(data.claim.token)) throw conflict("user/email-taken");
      return [{ type: "UserEmailChanged", data }];
    },
    RenameUser(state, data) {
      exists(state);
      return [{ type: "UserRenamed", data }];
    },
    ChangeUserPhone(state, data) {
      exists(state);
      return [{ type: "UserPhoneChanged", data }];
    },
    ForfeitClaim(state, { claim }) {
      exists(state);
      if ([state.email.name, state.username.name].includes(claim.name))
        throw conflict("claim/in-use");
      return state.forfeited.includes(claim.token)
        ? []
        : [{ type: "ClaimForfeited", data: { token: claim.token } }];
    },
    ResetPassword(state, data, { id, by }) {
      exists(state);
      // A reset shows the new password to who asks for it: on oneself it would skip the old one.
      if (id === by) throw forbidden("user/reset-self");
      return [{ type: "PasswordReset", data }];
    },
    ChangePassword(state, { verified, ...data }) {
      exists(state);
      // A reset that came between is not undone by whoever knew the password before it.
      if (verified !== state.credential) throw conflict("user/password-changed-meanwhile");
      return [{ type: "PasswordChanged", data }];
    },
    RequestPasswordReset(state, data, { at }) {
      exists(state);
      const recent = state.asked.filter((asked) => Date.parse(at) - Date.parse(asked) < HOUR_MS);
      return recent.length < RESETS_PER_HOUR ? [{ type: "PasswordResetRequested", data }] : [];
    },
    RecoverPassword(state, data, { at }) {
      exists(state);
      const expiresAt = state.resets[data.request];
      if (!expiresAt || expiresAt <= at) throw invalid("user/reset-link-spent");
      return [{ type: "PasswordRecovered", data }];
    },
  },
  evolve: {
    UserCreated: (state, { emailClaim, usernameClaim }) => ({
      ...state,
      status: "created",
      email: emailClaim,
      username: usernameClaim,
    }),
    UserAbandoned: (state) => ({ ...state, status: "abandoned" }),
    // A link that was mailed to the old address is spent.
    UserEmailChanged: (state, { claim }) => ({ ...state, email: claim, resets: {} }),
    UserRenamed: (state) => state,
    UserPhoneChanged: (state) => state,
    ClaimForfeited: (state, { token }) => ({
      ...state,
      forfeited: [...state.forfeited, token],
    }),
    PasswordAssigned: newCredential,
    PasswordReset: newCredential,
    PasswordChanged: newCredential,
    PasswordRecovered: newCredential,
    PasswordResetRequested: (state, { request, expiresAt }, { at }) => ({
      ...state,
      resets: { ...state.resets, [request]: expiresAt },
      asked: [...state.asked, at].slice(-RESETS_PER_HOUR),
    }),
  },
});
