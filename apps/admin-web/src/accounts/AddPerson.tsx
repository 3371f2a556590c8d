import { accountRequests } from "@daybook/domain";
import { useState } from "react";
import { tell } from "../actions/undo.tsx";
import { client } from "../api/client.ts";
import { run } from "../api/command.ts";
import { CommandForm } from "../form/CommandForm.tsx";
import { defineForm } from "../form/declaration.ts";
import { Panel } from "../form/Panel.tsx";
import { t } from "../texts/index.ts";
import { SecretOnce } from "../ui/SecretOnce.tsx";

const addPerson = defineForm({
  schema: accountRequests.createPerson,
  submit: t.people.add.submit,
  initial: { role: "member" },
  help: { password: t.people.add.passwordHelp },
  autoComplete: { password: "new-password" },
});

type Props = { opened: boolean; onClose: () => void };

export function AddPerson({ opened, onClose }: Props) {
  const [secret, setSecret] = useState<readonly [string, string]>();
  return (
    <>
      <Panel title={t.people.add.title} opened={opened} onClose={onClose}>
        {({ close, onDirty }) => (
          <CommandForm
            form={addPerson}
            onCancel={close}
            onDirty={onDirty}
            onSubmit={async (data) => {
              const { temporaryPassword } = await run(client.people.create.mutate, { data });
              const name = `${data.firstName} ${data.lastName}`;
              onDirty(false);
              close();
              if (temporaryPassword) setSecret([name, temporaryPassword]);
              else tell(t.people.add.done(name));
            }}
          />
        )}
      </Panel>
      {secret && <SecretOnce secrets={[secret]} onClose={() => setSecret(undefined)} />}
    </>
  );
}
