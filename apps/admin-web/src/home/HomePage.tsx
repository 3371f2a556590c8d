import "./home.css";
import { Anchor, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { trpc } from "../api/client.ts";
import { linkTo, useAddress } from "../app/address.ts";
import { may, useSignedIn } from "../app/session.ts";
import { number } from "../texts/format.ts";
import { t } from "../texts/index.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { ErrorState, Lines } from "../ui/States.tsx";
import { shown } from "../ui/Value.tsx";
import { LastEvents } from "./LastEvents.tsx";
import { Projections } from "./Projections.tsx";
import { SIGN_INS_HEIGHT, SignIns } from "./SignIns.tsx";

const spans = { day: 24, week: 168 } as const;

/** What one wants to know on arriving. */
export function HomePage() {
  const me = useSignedIn();
  const [address] = useAddress();
  const span = address.span === "week" ? "week" : "day";
  const query = useQuery(
    trpc.home.overview.queryOptions(
      { hours: spans[span] },
      // Hours pass, and projections fall behind, though nobody tells.
      { placeholderData: keepPreviousData, refetchInterval: 30_000 },
    ),
  );
  const { people, mail, signIns, projections } = query.data ?? {};
  const figures = [
    ...(may(me, "people:read")
      ? [
          { label: t.home.active, value: people?.active, link: peopleWho("active") },
          { label: t.home.inactive, value: people?.inactive, link: peopleWho("inactive") },
        ]
      : []),
    ...(may(me, "mail:read")
      ? [
          { label: t.home.mailPending, value: mail?.pending, link: mailsThat("waiting") },
          { label: t.home.mailFailed, value: mail?.failed, link: mailsThat("failed"), bad: true },
          { label: t.home.mailSent, value: mail?.sent, link: mailsThat("sent") },
        ]
      : []),
  ];
  return (
    <Stack gap="lg">
      <PageHeader title={t.home.greeting(shown(me.user.firstName))} />
      {query.isError && <ErrorState error={query.error} retry={query.refetch} />}
      {figures.length > 0 ? (
        <div className="figures">
          {figures.map((one) => (
            <Figure key={one.label} {...one} />
          ))}
        </div>
      ) : (
        <Text>
          {t.home.nothing}{" "}
          <Anchor underline="always" renderRoot={(props) => <Link to="/account" {...props} />}>
            {t.account.title}
          </Anchor>
        </Text>
      )}
      <div className="home-columns">
        <Stack gap="lg">
          {may(me, "history:read") && (
            <Part title={t.home.signIns} aside={<Span span={span} />}>
              {signIns ? (
                <SignIns hours={signIns} isWeek={span === "week"} />
              ) : (
                <Lines count={1} height={SIGN_INS_HEIGHT} />
              )}
            </Part>
          )}
          {may(me, "operations:read") && (
            <Part title={t.home.projections}>
              {projections ? <Projections projections={projections} /> : <Lines count={1} />}
            </Part>
          )}
        </Stack>
        {may(me, "history:read") && (
          <Part
            title={t.home.last}
            aside={
              <Anchor size="sm" renderRoot={(props) => <Link to="/history" {...props} />}>
                {t.home.all}
              </Anchor>
            }
          >
            <LastEvents />
          </Part>
        )}
      </div>
    </Stack>
  );
}

const peopleWho = (status: string) => linkTo("/people", { status });
const mailsThat = (status: string) => linkTo("/mail", { status });

type FigureProps = { label: string; value: number | undefined; link: LinkProps; bad?: boolean };

/** A number that leads to what it counts. */
const Figure = ({ label, value, link, bad }: FigureProps) => (
  <Link {...link} className="figure" data-alarming={(bad && value) || undefined}>
    <span className="figure-label">{label}</span>
    <span className="figure-value">{value === undefined ? "–" : number.format(value)}</span>
  </Link>
);

type PartProps = { title: string; aside?: ReactNode; children: ReactNode };

const Part = ({ title, aside, children }: PartProps) => (
  <section className="part" aria-label={title}>
    <div className="part-head">
      <Title order={2}>{title}</Title>
      {aside}
    </div>
    {children}
  </section>
);

function Span({ span }: { span: keyof typeof spans }) {
  const [, change] = useAddress();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t.home.span}
      value={span}
      onChange={(value) => change({ span: value })}
      data={Object.entries(t.home.spans).map(([value, label]) => ({ value, label }))}
    />
  );
}
