import { accountRequests } from "@daybook/domain";
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { client } from "../api/client.ts";
import { noteSeen } from "../api/seen.ts";
import { useSwitchUser } from "../app/session.ts";
import { Card } from "../ui/Card.tsx";
import { CommandForm } from "../ui/CommandForm.tsx";

export function SignInPage() {
  const switchUser = useSwitchUser();
  return (
    <Card title="Sign in">
      <CommandForm
        schema={accountRequests.signIn}
        autoComplete={{ name: "username", password: "current-password" }}
        submit="Sign in"
        onSubmit={async (data) => {
          const { me, position } = await client.session.signIn.mutate(data);
          switchUser(me);
          noteSeen(position);
        }}
      />
      <Anchor size="sm" renderRoot={(props) => <Link to="/forgot-password" {...props} />}>
        Forgot the password?
      </Anchor>
    </Card>
  );
}
