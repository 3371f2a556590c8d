import { accountRequests } from "@daybook/domain";
import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../api/client.ts";
import { run } from "../api/command.ts";
import { CommandForm } from "../form/CommandForm.tsx";
import { defineForm } from "../form/declaration.ts";
import { t } from "../texts/index.ts";
import { Card } from "../ui/Card.tsx";

const requestReset = defineForm({
  schema: accountRequests.requestPasswordReset,
  help: { email: t.forgot.emailHelp },
  autoComplete: { email: "email" },
  submit: t.forgot.submit,
});

export function ForgotPasswordPage() {
  const [sentTo, setSentTo] = useState<string>();
  return (
    <Card title={t.forgot.title}>
      {sentTo ? (
        <Text size="sm" role="status">
          {t.forgot.sent(sentTo)}
        </Text>
      ) : (
        <CommandForm
          form={requestReset}
          onSubmit={async (data) => {
            await run(client.session.requestPasswordReset.mutate, { data });
            setSentTo(data.email);
          }}
        />
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/" {...props} />}>
        {t.signIn.back}
      </Anchor>
    </Card>
  );
}
