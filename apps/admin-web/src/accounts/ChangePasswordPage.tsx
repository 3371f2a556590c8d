import { Anchor } from "@mantine/core";
import { client } from "../api/client.ts";
import { useSwitchUser } from "../app/session.ts";
import { t } from "../texts/index.ts";
import { Card } from "../ui/Card.tsx";
import { ChangePasswordForm } from "./ChangePasswordForm.tsx";

/** What stands before everything else while the password is one that somebody else has seen. */
export function ChangePasswordPage() {
  const switchUser = useSwitchUser();
  return (
    <Card title={t.account.chooseOwn} lead={t.account.chooseOwnHelp}>
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
        {t.me.signOut}
      </Anchor>
    </Card>
  );
}
