import { accountRequests } from "@daybook/domain";
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { client } from "../api/client.ts";
import { noteSeen } from "../api/seen.ts";
import { useSwitchUser } from "../app/session.ts";
import { CommandForm } from "../form/CommandForm.tsx";
import { defineForm } from "../form/declaration.ts";
import { t } from "../texts/index.ts";
import { Card } from "../ui/Card.tsx";

const signIn = defineForm({
  schema: accountRequests.signIn,
  labels: { name: t.signIn.name },
  autoComplete: { name: "username", password: "current-password" },
  submit: t.signIn.submit,
});

export function SignInPage() {
  const switchUser = useSwitchUser();
  return (
    <Card title={t.signIn.title}>
      <CommandForm
        form={signIn}
        onSubmit={async (data) => {
          const { me, position } = await client.session.signIn.mutate(data);
          switchUser(me);
          noteSeen(position);
        }}
      />
      <Anchor size="sm" renderRoot={(props) => <Link to="/forgot-password" {...props} />}>
        {t.signIn.forgot}
      </Anchor>
    </Card>
  );
}
