import { client, trpc } from "../api/client.ts";
import { defineList } from "../list/declaration.ts";
import { t } from "../texts/index.ts";
import { Moment } from "../ui/Moment.tsx";
import { shown, Value } from "../ui/Value.tsx";
import { PersonStatus } from "./PersonStatus.tsx";
import { nameOf, personActions } from "./person-actions.tsx";

const source = { queryKey: trpc.people.list.pathKey(), read: client.people.list.query };

export const peopleList = defineList(source)({
  name: "people",
  title: t.people.title,
  searchLabel: t.people.search,
  empty: t.people.empty,
  counted: t.people.counted,
  nameOf,
  link: ({ id }) => ({ to: "/people/$id", params: { id } }),
  sort: { by: "name", order: "ascending" },
  columns: {
    name: {
      label: t.people.columns.name,
      sort: "name",
      share: 1.9,
      narrow: true,
      render: ({ firstName, lastName }) => `${shown(lastName)}, ${shown(firstName)}`,
    },
    username: {
      label: t.fields.username,
      share: 1.4,
      hidden: true,
      render: ({ username }) => <Value of={username} />,
    },
    email: { label: t.fields.email, share: 3.2, render: ({ email }) => <Value of={email} /> },
    phone: {
      label: t.fields.phone,
      share: 1.4,
      hidden: true,
      render: ({ phone }) => <Value of={phone} />,
    },
    role: { label: t.fields.role, share: 1.1, render: ({ role }) => t.values[role] },
    status: {
      label: t.fields.status,
      share: 1.1,
      narrow: true,
      render: ({ status }) => <PersonStatus status={status} />,
    },
    lastSignIn: {
      label: t.people.columns.lastSignIn,
      sort: "lastSignIn",
      share: 1.3,
      render: ({ lastSignInAt }) => (lastSignInAt ? <Moment at={lastSignInAt} /> : t.noneKnown),
    },
    created: {
      label: t.people.columns.created,
      sort: "created",
      share: 1.2,
      render: ({ createdAt }) => <Moment at={createdAt} />,
    },
  },
  filters: {
    status: {
      label: t.fields.status,
      options: { active: t.values.active, inactive: t.values.inactive },
    },
    role: { label: t.fields.role, options: t.roles },
  },
  actions: personActions,
  file: "people.csv",
});
