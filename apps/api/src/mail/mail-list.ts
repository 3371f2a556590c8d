import { mailTemplate } from "@daybook/domain";
import { type MailRow, mails } from "@daybook/projections";
import { z } from "zod";
import { defineList } from "../lists/list.ts";

export const mailList = defineList<MailRow>()({
  name: "mails",
  projection: mails,
  permission: "mail:read",
  filters: {
    status: z.enum(["waiting", "sending", "sent", "failed"]),
    template: mailTemplate,
  },
  merged: ["status"],
  sorts: { requested: "position" },
  order: "descending",
  searched: ["searchTo"],
  columns: {
    Id: ({ id }) => id,
    Mail: ({ template }) => template,
    To: ({ to }) => to,
    Status: ({ status }) => status,
    Attempts: ({ attempts }) => attempts,
    Requested: ({ requestedAt }) => requestedAt,
    "Next attempt": ({ nextAt }) => nextAt,
    Sent: ({ sentAt }) => sentAt,
    "Sent again": ({ repeats }) => repeats,
    Error: ({ error }) => error,
  },
});
