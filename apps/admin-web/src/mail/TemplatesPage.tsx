import { type MailTemplate, mailTemplate } from "@daybook/domain";
import { NavLink, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { trpc } from "../api/client.ts";
import { linkTo, useAddress } from "../app/address.ts";
import { t } from "../texts/index.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { MailBodies } from "./MailBodies.tsx";

const crumbs = [{ label: t.mail.title, link: { to: "/mail" } }];

/** Every mail there is, as it looks when it is sent: with made-up people and secrets. */
export function TemplatesPage() {
  const [address] = useAddress();
  const chosen =
    mailTemplate.safeParse(address.template).data ?? (mailTemplate.options[0] as MailTemplate);
  const templates = useQuery(trpc.mail.templates.queryOptions());
  const preview = useQuery(
    trpc.mail.preview.queryOptions({ template: chosen }, { placeholderData: keepPreviousData }),
  );
  const error = templates.error ?? preview.error;
  return (
    <Stack gap="md">
      <PageHeader title={t.mail.previews.title} crumbs={crumbs} />
      <Text size="sm" c="dimmed">
        {t.mail.previews.help}
      </Text>
      {error && <ErrorState error={error} retry={() => preview.refetch()} />}
      <div className="template-columns">
        <nav aria-label={t.mail.previews.title}>
          {templates.isPending && <Lines count={5} height={44} />}
          {templates.data?.map(({ template, subject }) => (
            <NavLink
              key={template}
              className="nav-link"
              active={template === chosen}
              aria-current={template === chosen}
              label={t.mail.templates[template]}
              description={subject}
              renderRoot={(props) => (
                <Link {...linkTo("/mail/templates", { template })} replace {...props} />
              )}
            />
          ))}
        </nav>
        {preview.data ? (
          <section aria-label={t.mail.templates[chosen]}>
            <MailBodies key={chosen} {...preview.data} />
          </section>
        ) : (
          <Lines count={1} height={480} />
        )}
      </div>
    </Stack>
  );
}
