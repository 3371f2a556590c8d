import type { PersonRow } from "@daybook/projections";
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { trpc } from "../api/client.ts";
import { may, useSignedIn } from "../app/session.ts";
import { roleTexts } from "../texts.ts";
import { type Column, DataList } from "../ui/DataList.tsx";
import { Moment } from "../ui/Moment.tsx";
import { useListState } from "../ui/use-list-state.ts";
import { shown, Value } from "../ui/Value.tsx";
import { CreatePerson } from "./CreatePerson.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

const columns: Column<PersonRow>[] = [
  {
    label: "Name",
    sort: "name",
    render: ({ id, firstName, lastName }) => (
      <Link to="/people/$id" params={{ id }} preload="intent" className="row-link">
        {shown(lastName)}, {shown(firstName)}
      </Link>
    ),
  },
  { label: "Username", wideOnly: true, render: ({ username }) => <Value of={username} /> },
  { label: "E-mail address", wideOnly: true, render: ({ email }) => <Value of={email} /> },
  { label: "Role", render: ({ role }) => roleTexts[role] },
  { label: "Status", render: ({ status }) => <StatusBadge status={status} /> },
  {
    label: "Last sign-in",
    sort: "lastSignIn",
    wideOnly: true,
    render: ({ lastSignInAt }) => (lastSignInAt ? <Moment at={lastSignInAt} /> : "–"),
  },
  {
    label: "Created",
    sort: "created",
    wideOnly: true,
    render: ({ createdAt }) => <Moment at={createdAt} />,
  },
];

const filters = [
  {
    name: "status",
    label: "Status",
    options: { active: "Active", inactive: "Inactive" },
  },
  { name: "role", label: "Role", options: roleTexts },
];

/** A value of the address, if it is one that can be chosen. */
const oneOf = <T extends string>(values: Readonly<Record<T, string>>, value: string | undefined) =>
  value !== undefined && value in values ? (value as T) : undefined;

const sorts = { name: "", created: "", lastSignIn: "" };

export function PeoplePage() {
  const me = useSignedIn();
  const list = useListState("name");
  const [creating, setCreating] = useState(false);
  const query = useInfiniteQuery(
    trpc.people.list.infiniteQueryOptions(
      {
        search: list.search || undefined,
        status: oneOf({ active: "", inactive: "" }, list.filter("status")),
        role: oneOf(roleTexts, list.filter("role")),
        sort: oneOf(sorts, list.sort) ?? "name",
        order: list.direction,
      },
      { getNextPageParam: ({ cursor }) => cursor, placeholderData: keepPreviousData },
    ),
  );
  const create = may(me, "people:write") && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      Add person
    </Button>
  );
  return (
    <>
      <DataList
        title="People"
        columns={columns}
        query={query}
        filters={filters}
        defaultSort="name"
        searchLabel="Search by name, username or e-mail"
        actions={create}
        empty={create || "There is nobody here yet."}
      />
      <CreatePerson opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}
