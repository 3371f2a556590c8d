import { client, trpc } from "../api/client.ts";
import { linkTo } from "../app/address.ts";
import { defineList } from "../list/declaration.ts";
import { t } from "../texts/index.ts";
import { Moment } from "../ui/Moment.tsx";
import { shown, Value } from "../ui/Value.tsx";
import { MailStatus } from "./MailStatus.tsx";
import { mailActions, nameOf } from "./mail-actions.tsx";

const source = { queryKey: trpc.mail.list.pathKey(), read: client.mail.list.query };

export const mailList = defineList(source)({
  name: "mails",
  title: t.mail.title,
  searchLabel: t.mail.search,
  empty: t.mail.empty,
  counted: t.mail.counted,
  nameOf,
  link: ({ id }) => linkTo(".", (before) => ({ ...before, open: id })),
  sort: { by: "requested", order: "descending" },
  columns: {
    to: { label: t.fields.to, share: 2.6, narrow: true, render: ({ to }) => <Value of={to} /> },
    template: {
      label: t.mail.columns.mail,
      share: 1.5,
      render: ({ template }) => t.mail.templates[template],
    },
    status: {
      label: t.fields.status,
      share: 1,
      narrow: true,
      render: ({ status }) => <MailStatus status={status} />,
    },
    attempts: {
      label: t.mail.columns.attempts,
      share: 1,
      render: ({ attempts }) => attempts,
    },
    next: {
      label: t.mail.columns.next,
      share: 1.2,
      render: ({ nextAt, status }) =>
        status === "waiting" && nextAt ? <Moment at={nextAt} /> : "–",
    },
    error: {
      label: t.fields.error,
      share: 1.2,
      render: ({ error }) => (error ? shown(error) : "–"),
    },
    requested: {
      label: t.mail.columns.requested,
      sort: "requested",
      share: 1.2,
      render: ({ requestedAt }) => <Moment at={requestedAt} />,
    },
  },
  filters: {
    status: { label: t.fields.status, options: t.mail.statuses },
    template: { label: t.mail.columns.mail, options: t.mail.templates },
  },
  actions: mailActions,
  file: "mails.csv",
});
