import { Divider, Stack, Title } from "@mantine/core";
import { tell } from "../actions/undo.tsx";
import { useSignedIn } from "../app/session.ts";
import { t } from "../texts/index.ts";
import { Facts } from "../ui/Facts.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Value } from "../ui/Value.tsx";
import { ChangePasswordForm } from "./ChangePasswordForm.tsx";
import { nameOf } from "./person-actions.tsx";

/** One's own data and password. */
export function AccountPage() {
  const { user, organization, role } = useSignedIn();
  return (
    <Stack gap="xl" maw={480}>
      <PageHeader title={t.account.title} />
      <Facts
        of={[
          [t.fields.fullName, nameOf(user)],
          [t.fields.username, <Value key="username" of={user.username} />],
          [t.fields.email, <Value key="email" of={user.email} />],
          [t.fields.organization, organization.name],
          [t.fields.role, t.values[role]],
        ]}
      />
      <Divider />
      <Stack gap="md">
        <Title order={2}>{t.account.changePassword}</Title>
        <ChangePasswordForm onDone={() => tell(t.account.passwordChanged)} />
      </Stack>
    </Stack>
  );
}
