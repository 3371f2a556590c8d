import { z } from "zod";
import { plainText } from "../fields.ts";
import { conflict, defineDecider } from "../kernel/index.ts";

export const organizationCode = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{1,31}$/, "2 to 32 letters, digits and hyphens");

export const organizationCommands = {
  CreateOrganization: z.object({
    code: organizationCode,
    name: plainText(100).min(1, "Enter a name"),
  }),
};

export const organizationEvents = {
  OrganizationCreated: z.object({ code: z.string(), name: z.string() }),
};

export const organization = defineDecider<{ exists: boolean }>()({
  stream: "organization",
  commands: organizationCommands,
  events: organizationEvents,
  initial: { exists: false },
  decide: {
    CreateOrganization({ exists }, data) {
      if (exists) throw conflict("organization/exists");
      return [{ type: "OrganizationCreated", data }];
    },
  },
  evolve: { OrganizationCreated: () => ({ exists: true }) },
});
