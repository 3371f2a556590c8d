import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import { PageHeader } from "../ui/PageHeader.tsx";

const home = <Anchor renderRoot={(props) => <Link to="/" {...props} />}>{t.outside.home}</Anchor>;

/** There is no such page. */
export const NotFound = () => (
  <Stack component="main" gap="md" p="md">
    <PageHeader title={t.outside.notFound} />
    <Text>{t.outside.notFoundHelp}</Text>
    {home}
  </Stack>
);

/** There is such a page, and it is not for whoever asks. */
export const NotAllowed = ({ permission }: { permission: string }) => (
  <Stack gap="md">
    <PageHeader title={t.outside.notAllowed} />
    <Text>{t.outside.notAllowedHelp(permission)}</Text>
    {home}
  </Stack>
);

/** A page that could not be shown, and the ways out. */
export const Broken = ({ error, reset }: ErrorComponentProps) => (
  <Stack gap="md" p="md" role="alert">
    <PageHeader title={t.outside.broken} />
    <Text>{isOutdated(error) ? t.outside.outdated : sentence(error)}</Text>
    <Group>
      <Button onClick={() => (isOutdated(error) ? location.reload() : reset())}>
        {isOutdated(error) ? t.outside.reload : t.tryAgain}
      </Button>
      {home}
    </Group>
  </Stack>
);

/** The server has another version of the app: files of the old one are gone. */
const isOutdated = (error: unknown): boolean =>
  error instanceof TypeError && /import|module/i.test(error.message);
