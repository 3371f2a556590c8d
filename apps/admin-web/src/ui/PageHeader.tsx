import { Anchor, Breadcrumbs, Group, Text, Title } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { t } from "../texts/index.ts";

type Crumb = { label: string; link: LinkProps };

type Props = {
  title: string;
  /** The pages above this one. */
  crumbs?: readonly Crumb[];
  /** What stands behind the title: a badge, a count. */
  note?: ReactNode;
  noteLabel?: string;
  /** The two or three things that can be done here. */
  children?: ReactNode;
};

/** What a page is, where it stands, and what can be done on it. */
export function PageHeader({ title, crumbs = [], note, noteLabel, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);
  return (
    <header className="page-header">
      {crumbs.length > 0 && (
        <nav aria-label={t.breadcrumbs}>
          <Breadcrumbs separatorMargin={6} fz="sm">
            {crumbs.map(({ label, link }) => (
              <Anchor
                key={label}
                size="sm"
                renderRoot={(props) => <Link {...link} preload="intent" {...props} />}
              >
                {label}
              </Anchor>
            ))}
            <Text size="sm" c="dimmed" aria-current="page" truncate>
              {title}
            </Text>
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" gap="sm">
        <Group gap="sm" align="center">
          <Title order={1}>{title}</Title>
          {typeof note === "string" ? (
            <Text c="dimmed" role="status" data-testid="count">
              {noteLabel && <span className="read-out">{noteLabel} </span>}
              {note}
            </Text>
          ) : (
            note
          )}
        </Group>
        <Group gap="xs">{children}</Group>
      </Group>
    </header>
  );
}
