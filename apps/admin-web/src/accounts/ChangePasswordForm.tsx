import { accountRequests } from "@daybook/domain";
import { client } from "../api/client.ts";
import { useCommand } from "../api/command.ts";
import { CommandForm } from "../ui/CommandForm.tsx";
import { newPasswordLabel, passwordHelp } from "./passwords.ts";

export function ChangePasswordForm({ onDone }: { onDone?: () => void }) {
  const change = useCommand(client.session.changePassword.mutate);
  return (
    <CommandForm
      schema={accountRequests.changePassword}
      labels={newPasswordLabel}
      help={{ password: passwordHelp }}
      autoComplete={{ current: "current-password", password: "new-password" }}
      submit="Change the password"
      onSubmit={async (data) => {
        await change.run({ data });
        onDone?.();
      }}
    />
  );
}
