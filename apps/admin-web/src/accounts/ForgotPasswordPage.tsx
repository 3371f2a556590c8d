import { accountRequests } from "@daybook/domain";
import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useCommand } from "../api/command.ts";
import { Card } from "../ui/Card.tsx";
import { CommandForm } from "../ui/CommandForm.tsx";

export function ForgotPasswordPage() {
  const [sentTo, setSentTo] = useState<string>();
  const request = useCommand(client.session.requestPasswordReset.mutate);
  return (
    <Card title="Forgot the password">
      {sentTo ? (
        <Text size="sm" role="status">
          If {sentTo} belongs to an account, a link is on its way there. It works once, within 24
          hours. Nothing came? Look among the spam, or ask an administrator.
        </Text>
      ) : (
        <CommandForm
          schema={accountRequests.requestPasswordReset}
          help={{ email: "A link to choose a new password is mailed there." }}
          autoComplete={{ email: "email" }}
          submit="Mail the link"
          onSubmit={async (data) => {
            await request.run({ data });
            setSentTo(data.email);
          }}
        />
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/" {...props} />}>
        Back to sign-in
      </Anchor>
    </Card>
  );
}
