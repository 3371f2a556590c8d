import { z } from "zod";

export const permissions = [
  "people:read",
  "people:write",
  "history:read",
  "mail:read",
  "operations:read",
] as const;
export type Permission = (typeof permissions)[number];

export const role = z.enum(["administrator", "auditor", "member"]);
export type Role = z.output<typeof role>;

const granted: Record<Role, readonly Permission[]> = {
  administrator: permissions,
  auditor: ["people:read", "history:read", "mail:read", "operations:read"],
  member: [],
};

export const permissionsOf = (of: Role): readonly Permission[] => granted[of];
