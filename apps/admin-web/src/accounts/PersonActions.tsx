import type { PersonRow } from "@daybook/projections";
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useCommand } from "../api/command.ts";
import { Confirm } from "../ui/Confirm.tsx";
import { SecretOnce } from "../ui/SecretOnce.tsx";
import { shown } from "../ui/Value.tsx";
import { EditPerson } from "./EditPerson.tsx";

/** What an administrator can do about a person. */
export function PersonActions({ person, isSelf }: { person: PersonRow; isSelf: boolean }) {
  const [open, setOpen] = useState<"edit" | "reset" | "status">();
  const [secret, setSecret] = useState<string>();
  const reset = useCommand(client.people.resetPassword.mutate);
  const deactivate = useCommand(client.people.deactivate.mutate);
  const reactivate = useCommand(client.people.reactivate.mutate);
  const close = () => setOpen(undefined);
  const { id } = person;
  const name = shown(person.firstName);
  const active = person.status === "active";

  const changeStatus = async (reason: string | undefined) => {
    const command = active ? deactivate : reactivate;
    await command.run({ id, data: {}, ...(reason && { reason }) });
    close();
    notifications.show({ message: `${name} is ${active ? "deactivated" : "active again"}.` });
  };

  return (
    <Group gap="xs">
      <Button variant="default" onClick={() => setOpen("edit")}>
        Edit
      </Button>
      {!isSelf && (
        <>
          <Button variant="default" onClick={() => setOpen("reset")}>
            Reset password
          </Button>
          <Button
            variant="default"
            {...(active && { c: "var(--mantine-color-error)" })}
            onClick={() => setOpen("status")}
          >
            {active ? "Deactivate" : "Reactivate"}
          </Button>
        </>
      )}
      <EditPerson person={person} opened={open === "edit"} onClose={close} isSelf={isSelf} />
      {open === "reset" && (
        <Confirm
          title={`Reset ${name}’s password?`}
          consequence={`${name} is signed out everywhere at once. A temporary password is mailed to them and shown to you once; they must change it at the next sign-in.`}
          confirm="Reset password"
          withReason
          onClose={close}
          onConfirm={async (reason) => {
            const done = await reset.run({ id, data: {}, ...(reason && { reason }) });
            close();
            setSecret(done.temporaryPassword);
          }}
        />
      )}
      {open === "status" && (
        <Confirm
          title={active ? `Deactivate ${name}?` : `Reactivate ${name}?`}
          consequence={
            active
              ? `${name} is signed out everywhere at once and cannot sign in until reactivated. Nothing is deleted.`
              : `${name} can sign in again with the password they had.`
          }
          confirm={active ? "Deactivate" : "Reactivate"}
          danger={active}
          withReason
          onClose={close}
          onConfirm={changeStatus}
        />
      )}
      {secret && (
        <SecretOnce
          title="Temporary password"
          secret={secret}
          explanation={`This is shown only now. It was mailed to ${name} too, is good for 7 days, and has to be changed at the next sign-in.`}
          onClose={() => setSecret(undefined)}
        />
      )}
    </Group>
  );
}
