import { role } from "@daybook/domain";
import { type PersonRow, people } from "@daybook/projections";
import { z } from "zod";
import { defineList } from "../lists/list.ts";

export const peopleList = defineList<PersonRow>()({
  name: "people",
  projection: people,
  permission: "people:read",
  filters: { status: z.enum(["active", "inactive"]), role },
  merged: ["status", "role"],
  sorts: { name: "sortName", created: "createdAt", lastSignIn: "lastSignInAt" },
  order: "ascending",
  // The start of "last name first name", a first name, a username or an e-mail address.
  searched: ["sortName", "searchFirstName", "searchUsername", "searchEmail"],
  columns: {
    Id: ({ id }) => id,
    "First name": ({ firstName }) => firstName,
    "Last name": ({ lastName }) => lastName,
    Username: ({ username }) => username,
    "E-mail address": ({ email }) => email,
    Phone: ({ phone }) => phone,
    Role: ({ role }) => role,
    Status: ({ status }) => status,
    "Last sign-in": ({ lastSignInAt }) => lastSignInAt,
    Created: ({ createdAt }) => createdAt,
  },
});
