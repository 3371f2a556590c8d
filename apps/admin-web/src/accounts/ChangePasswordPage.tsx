import { Anchor } from "@mantine/core";
import { client } from "../api/client.ts";
import { useSwitchUser } from "../app/session.ts";
import { Card } from "../ui/Card.tsx";
import { ChangePasswordForm } from "./ChangePasswordForm.tsx";

/** What stands before everything else while the password is one that somebody else has seen. */
export function ChangePasswordPage() {
  const switchUser = useSwitchUser();
  return (
    <Card
      title="Choose your own password"
      lead="The one you signed in with was made for you. Nobody but you should know the next."
    >
      <ChangePasswordForm />
      <Anchor
        component="button"
        size="sm"
        ta="left"
        onClick={async () => {
          await client.session.signOut.mutate();
          switchUser(null);
        }}
      >
        Sign out
      </Anchor>
    </Card>
  );
}
