import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useCommand } from "../api/command.ts";
import { Card } from "../ui/Card.tsx";
import { CommandForm } from "../ui/CommandForm.tsx";
import { newPassword, newPasswordLabel, passwordHelp } from "./passwords.ts";

export function ResetPasswordPage() {
  // Behind the #, so that the link's secret is never sent with a page's address.
  const [token] = useState(() => location.hash.slice(1));
  const [done, setDone] = useState(false);
  const recover = useCommand(client.session.recoverPassword.mutate);
  return (
    <Card title="Choose a new password">
      {done ? (
        <Text size="sm" role="status">
          The new password is set, and you are signed out everywhere else.
        </Text>
      ) : (
        <CommandForm
          schema={newPassword}
          labels={newPasswordLabel}
          help={{ password: passwordHelp }}
          autoComplete={{ password: "new-password" }}
          submit="Set the password"
          onSubmit={async ({ password }) => {
            await recover.run({ data: { token: token || "missing", password } });
            setDone(true);
          }}
        />
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/" {...props} />}>
        {done ? "Sign in" : "Back to sign-in"}
      </Anchor>
    </Card>
  );
}
