import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../api/client.ts";
import { run } from "../api/command.ts";
import { CommandForm } from "../form/CommandForm.tsx";
import { defineForm } from "../form/declaration.ts";
import { t } from "../texts/index.ts";
import { Card } from "../ui/Card.tsx";
import { newPassword, newPasswordLabel, passwordHelp } from "./passwords.ts";

const setPassword = defineForm({
  schema: newPassword,
  labels: newPasswordLabel,
  help: { password: passwordHelp },
  autoComplete: { password: "new-password" },
  submit: t.reset.submit,
});

export function ResetPasswordPage() {
  // Behind the #, so that the link's secret is never sent with a page's address.
  const [token] = useState(() => location.hash.slice(1));
  const [done, setDone] = useState(false);
  return (
    <Card title={t.reset.title}>
      {done ? (
        <Text size="sm" role="status">
          {t.reset.done}
        </Text>
      ) : (
        <CommandForm
          form={setPassword}
          onSubmit={async ({ password }) => {
            const data = { token: token || "missing", password };
            await run(client.session.recoverPassword.mutate, { data });
            setDone(true);
          }}
        />
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/" {...props} />}>
        {done ? t.signIn.submit : t.signIn.back}
      </Anchor>
    </Card>
  );
}
