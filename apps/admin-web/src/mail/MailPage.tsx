import type { MailRow } from "@daybook/projections";
import { Badge, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { trpc } from "../api/client.ts";
import { may, useSignedIn } from "../app/session.ts";
import { mailTexts } from "../texts.ts";
import { type Column, DataList } from "../ui/DataList.tsx";
import { Moment } from "../ui/Moment.tsx";
import { useListState } from "../ui/use-list-state.ts";
import { shown, Value } from "../ui/Value.tsx";
import { MailPanel } from "./MailPanel.tsx";
import { TestMailButton, TestMailOutcome, type Tried } from "./TestMail.tsx";

const colors = { waiting: "yellow", sending: "blue", sent: "green", failed: "red" } as const;

const statuses = {
  waiting: "Waiting",
  sending: "Sending",
  sent: "Sent",
  failed: "Failed",
} as const;

export const MailStatus = ({ status }: Pick<MailRow, "status">) => (
  <Badge variant="dot" color={colors[status]} tt="none">
    {statuses[status]}
  </Badge>
);

const columns = (open: (id: string) => void): Column<MailRow>[] => [
  {
    label: "Mail",
    render: ({ id, template }) => (
      <UnstyledButton className="row-link" fz="inherit" onClick={() => open(id)}>
        {mailTexts[template] ?? template}
      </UnstyledButton>
    ),
  },
  { label: "To", render: ({ to }) => <Value of={to} /> },
  { label: "Status", render: ({ status }) => <MailStatus status={status} /> },
  { label: "Attempts", wideOnly: true, render: ({ attempts }) => attempts },
  {
    label: "Next attempt",
    wideOnly: true,
    render: ({ nextAt, status }) => (status === "waiting" && nextAt ? <Moment at={nextAt} /> : "–"),
  },
  { label: "Error", wideOnly: true, render: ({ error }) => (error ? shown(error) : "–") },
  {
    label: "Requested",
    wideOnly: true,
    render: ({ requestedAt }) => <Moment at={requestedAt} />,
  },
];

/** What was mailed, what waits, and what failed; in development also what it says. */
export function MailPage() {
  const me = useSignedIn();
  const list = useListState();
  const [tried, setTried] = useState<Tried>();
  const status = list.filter("status");
  const query = useInfiniteQuery(
    trpc.mail.list.infiniteQueryOptions(
      { status: status && status in statuses ? (status as keyof typeof statuses) : undefined },
      { getNextPageParam: ({ cursor }) => cursor, placeholderData: keepPreviousData },
    ),
  );
  return (
    <>
      <TestMailOutcome tried={tried} onClose={() => setTried(undefined)} />
      <DataList
        title="Mail"
        actions={may(me, "people:write") && <TestMailButton onTried={setTried} />}
        columns={columns((id) => list.set({ open: id }))}
        query={query}
        filters={[{ name: "status", label: "Status", options: statuses }]}
        empty="No mail has been sent yet. The first goes out when a person is added."
      />
      <MailPanel id={list.filter("open")} onClose={() => list.set({ open: undefined })} />
    </>
  );
}
