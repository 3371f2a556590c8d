import { accountRequests } from "@daybook/domain";
import { useState } from "react";
import { client } from "../api/client.ts";
import { run } from "../api/command.ts";
import { CommandForm } from "../form/CommandForm.tsx";
import { defineForm } from "../form/declaration.ts";
import { t } from "../texts/index.ts";
import { newPasswordLabel, passwordHelp } from "./passwords.ts";

const changePassword = defineForm({
  schema: accountRequests.changePassword,
  labels: newPasswordLabel,
  help: { password: passwordHelp },
  autoComplete: { current: "current-password", password: "new-password" },
  submit: t.account.changePasswordSubmit,
});

export function ChangePasswordForm({ onDone }: { onDone?: () => void }) {
  // What was typed is not left standing once it is done.
  const [round, setRound] = useState(0);
  return (
    <CommandForm
      key={round}
      form={changePassword}
      onSubmit={async (data) => {
        await run(client.session.changePassword.mutate, { data });
        setRound(round + 1);
        onDone?.();
      }}
    />
  );
}
