import { accountRequests } from "@daybook/domain";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useCommand } from "../api/command.ts";
import { CommandForm } from "../ui/CommandForm.tsx";
import { Panel } from "../ui/Panel.tsx";
import { SecretOnce } from "../ui/SecretOnce.tsx";

export function CreatePerson({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [secret, setSecret] = useState<string>();
  const create = useCommand(client.people.create.mutate);
  return (
    <>
      <Panel title="Add a person" opened={opened} onClose={onClose}>
        {({ close, onDirty }) => (
          <CommandForm
            schema={accountRequests.createPerson}
            initial={{ role: "member" }}
            help={{
              password:
                "Leave it empty and a temporary one is made, mailed to them, and shown once.",
            }}
            autoComplete={{ password: "new-password" }}
            submit="Add person"
            onCancel={close}
            onDirty={onDirty}
            onSubmit={async (data) => {
              const { temporaryPassword } = await create.run({ data });
              close();
              if (temporaryPassword) setSecret(temporaryPassword);
              else notifications.show({ message: `${data.firstName} ${data.lastName} was added.` });
            }}
          />
        )}
      </Panel>
      {secret && (
        <SecretOnce
          title="Temporary password"
          secret={secret}
          explanation="This is shown only now. It was mailed to the person too, is good for 7 days, and has to be changed at the first sign-in."
          onClose={() => setSecret(undefined)}
        />
      )}
    </>
  );
}
