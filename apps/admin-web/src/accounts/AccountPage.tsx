import { Divider, Stack, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useSignedIn } from "../app/session.ts";
import { roleTexts } from "../texts.ts";
import { Facts } from "../ui/Facts.tsx";
import { Value } from "../ui/Value.tsx";
import { ChangePasswordForm } from "./ChangePasswordForm.tsx";

/** One's own data and password. */
export function AccountPage() {
  const { user, organization, role } = useSignedIn();
  return (
    <Stack gap="xl" maw={440}>
      <Title order={1}>My account</Title>
      <Facts
        of={[
          ["Name", [user.firstName, user.lastName].map((name) => String(name)).join(" ")],
          ["Username", <Value key="username" of={user.username} />],
          ["E-mail address", <Value key="email" of={user.email} />],
          ["Organization", organization.name],
          ["Role", roleTexts[role]],
        ]}
      />
      <Divider />
      <Stack gap="md">
        <Title order={2}>Change password</Title>
        <ChangePasswordForm
          onDone={() =>
            notifications.show({
              message: "The password is changed. Your other sessions have ended.",
            })
          }
        />
      </Stack>
    </Stack>
  );
}
