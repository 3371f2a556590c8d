import { defineDecider, forbidden, notFound } from "../kernel/index.ts";
import type { Role } from "../permissions.ts";
import { membershipCommands } from "./commands.ts";
import { membershipEvents } from "./events.ts";

/** A person's place in an organization. */
type Membership = { status: "unknown" | "active" | "inactive"; user: string; role: Role };

export const membershipId = (organization: string, user: string): string =>
  `${organization}.${user}`;

const exists = ({ status }: Membership) => {
  if (status === "unknown") throw notFound("membership/unknown");
};

// Nobody takes their own access away: an organization keeps whoever administers it now.
const notOneself = ({ user }: Membership, by: string) => {
  if (user === by) throw forbidden("membership/self");
};

export const membership = defineDecider<Membership>()({
  stream: "membership",
  commands: membershipCommands,
  events: membershipEvents,
  initial: { status: "unknown", user: "", role: "member" },
  decide: {
    AddMember({ status }, data) {
      return status === "unknown" ? [{ type: "MemberAdded", data }] : [];
    },
    ChangeMemberRole(state, { role }, { by }) {
      exists(state);
      if (role === state.role) return [];
      notOneself(state, by);
      return [{ type: "MemberRoleChanged", data: { role } }];
    },
    DeactivateMember(state, _, { by }) {
      exists(state);
      if (state.status === "inactive") return [];
      notOneself(state, by);
      return [{ type: "MemberDeactivated", data: {} }];
    },
    ReactivateMember(state) {
      exists(state);
      return state.status === "active" ? [] : [{ type: "MemberReactivated", data: {} }];
    },
  },
  evolve: {
    MemberAdded: (_, { user, role }) => ({ status: "active", user, role }),
    MemberRoleChanged: (state, { role }) => ({ ...state, role }),
    MemberDeactivated: (state) => ({ ...state, status: "inactive" }),
    MemberReactivated: (state) => ({ ...state, status: "active" }),
  },
});
