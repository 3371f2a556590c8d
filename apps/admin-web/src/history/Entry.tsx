import "./timeline.css";
import type { Change, TimelineEntry } from "@daybook/projections";
import { Anchor, Collapse, Group, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { linkTo } from "../app/address.ts";
import { t } from "../texts/index.ts";
import { Facts } from "../ui/Facts.tsx";
import { Moment } from "../ui/Moment.tsx";
import { shown, Value } from "../ui/Value.tsx";
import { deviceOf } from "./device.ts";
import { kindIcons, tones } from "./kinds.tsx";
import { type Names, useNames } from "./names.ts";

const labels: Readonly<Record<string, string>> = t.fields;
const events: Readonly<Record<string, string>> = t.events;

type Props = {
  entry: TimelineEntry;
  names: Names;
  /** Whether to say whom it is about: where the page does not. */
  about?: boolean | undefined;
  /** Whether it is what the page is about: open from the start, and leading nowhere else. */
  isPage?: boolean;
  isFresh?: boolean;
};

/** One thing that happened: who did what to whom and when, opening to all that is known of it. */
export function Entry({ entry, names, about, isPage = false, isFresh }: Props) {
  const { type, at, kind, changes, reason } = entry;
  const { actor, subject: subjectOf } = useNames();
  const [opened, { toggle }] = useDisclosure(isPage);
  const Icon = kindIcons[kind];
  const whom = subjectOf(entry, names);
  return (
    <li data-event={type} data-tone={tones[type]} data-fresh={isFresh || undefined}>
      <span className="timeline-icon">
        <Icon size={14} stroke={1.8} aria-hidden />
      </span>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="start">
        <UnstyledButton className="timeline-head" onClick={toggle} aria-expanded={opened}>
          <IconChevronRight className="chevron" size={14} aria-hidden />
          <span>
            <strong>{actor(entry, names)}</strong>{" "}
            <Phrase of={events[type] ?? type}>
              {about ? <strong>{whom}</strong> : t.history.thisPerson}
            </Phrase>
          </span>
        </UnstyledButton>
        <Text size="xs" c="dimmed" className="timeline-time">
          <Moment at={at} />
        </Text>
      </Group>
      {!opened && changes.length > 0 && <Summary changes={changes} />}
      {reason && <Text className="timeline-reason">“{reason}”</Text>}
      <Collapse expanded={opened} transitionDuration={100}>
        {opened && <Details entry={entry} names={names} isPage={isPage} />}
      </Collapse>
    </li>
  );
}

/** A phrase with what belongs in its gap. */
function Phrase({ of, children }: { of: string; children: ReactNode }) {
  const [before, after] = of.split("{}");
  return (
    <>
      {before}
      {after !== undefined && children}
      {after}
    </>
  );
}

/** A field that was set to nothing for the first time is not worth a word. */
const isSaid = ({ from, to }: Change): boolean => from !== undefined || to !== "";

/** What changed, in a line. */
const Summary = ({ changes }: { changes: readonly Change[] }) => (
  <Text size="sm" c="dimmed" className="timeline-summary">
    {changes.filter(isSaid).map(({ field, from, to }, at) => (
      <span key={field}>
        {at > 0 && " · "}
        {labels[field] ?? field}: {from !== undefined && `${shown(from)} → `}
        {shown(to)}
      </span>
    ))}
  </Text>
);

/** What changed field by field, from where it was done, and where to read on. */
function Details({ entry, names, isPage }: Pick<Props, "entry" | "names" | "isPage">) {
  const { id, subject, stream, ip, userAgent, changes } = entry;
  const mailId = /^mail-(.+)/.exec(stream)?.[1];
  const { subject: subjectOf } = useNames();
  return (
    <div className="timeline-details">
      {changes.length > 0 && <Changes changes={changes} />}
      <Facts
        of={[
          ...(subject
            ? [
                [
                  t.history.about,
                  <Anchor
                    key="about"
                    renderRoot={(props) => (
                      <Link to="/people/$id" params={{ id: subject }} {...props} />
                    )}
                  >
                    {subjectOf(entry, names)}
                  </Anchor>,
                ] as const,
              ]
            : []),
          ...(ip ? [[t.history.from, <Value key="ip" of={ip} />] as const] : []),
          ...(userAgent
            ? [[t.history.device, deviceOf(shown(userAgent), t.history.browserOn)] as const]
            : []),
          ...(mailId
            ? [
                [
                  t.mail.one,
                  <Anchor
                    key="mail"
                    renderRoot={(props) => (
                      <Link {...linkTo("/mail", { open: mailId })} {...props} />
                    )}
                  >
                    {t.mail.open}
                  </Anchor>,
                ] as const,
              ]
            : []),
          [t.history.event, <code key="type">{entry.type}</code>],
        ]}
      />
      {!isPage && (
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/history/$id" params={{ id }} {...props} />}
        >
          {entry.causedBy ? t.history.openCause : t.history.open}
        </Anchor>
      )}
    </div>
  );
}

/** What a change was, field by field: before and after. */
const Changes = ({ changes }: { changes: readonly Change[] }) => (
  <table className="changes">
    <thead>
      <tr>
        <th scope="col">{t.differences.field}</th>
        <th scope="col">{t.history.before}</th>
        <th scope="col">{t.history.after}</th>
      </tr>
    </thead>
    <tbody>
      {changes.map(({ field, from, to }) => (
        <tr key={field}>
          <th scope="row">{labels[field] ?? field}</th>
          <td className="change-from">{from === undefined ? "–" : <Value of={from} />}</td>
          <td className="change-to">
            <Value of={to} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
