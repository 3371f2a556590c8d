import { ActionIcon, NavLink, Stack } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { t } from "../texts/index.ts";
import type { Entry } from "./feature.ts";
import { features } from "./features.ts";
import { allowed, type Me } from "./session.ts";

type Props = {
  me: Me;
  /** Icons alone. */
  narrow: boolean;
  onNarrow: (narrow: boolean) => void;
  onChosen: () => void;
};

/** Where one can go: what one may not see is absent. */
export function Navigation({ me, narrow, onNarrow, onChosen }: Props) {
  const sections = features.flatMap(({ section }) => (section ? [section] : []));
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const words = narrow ? t.expand : t.collapse;
  return (
    <Stack gap={2} h="100%">
      {allowed(me, sections).map((section) => (
        <Section key={section.label} section={section} narrow={narrow} onChosen={onChosen} />
      ))}
      <ActionIcon
        variant="subtle"
        color="gray"
        mt="auto"
        visibleFrom="sm"
        aria-label={words}
        title={words}
        onClick={() => onNarrow(!narrow)}
      >
        <Fold size={18} stroke={1.6} aria-hidden />
      </ActionIcon>
    </Stack>
  );
}

type SectionProps = { section: Entry; narrow: boolean; onChosen: () => void };

function Section({ section: { label, icon: Icon, link }, narrow, onChosen }: SectionProps) {
  return (
    <NavLink
      renderRoot={(props) => (
        <Link {...link} preload="intent" activeOptions={{ exact: link.to === "/" }} {...props} />
      )}
      className="nav-link"
      label={narrow ? undefined : label}
      aria-label={label}
      title={narrow ? label : undefined}
      leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
      onClick={onChosen}
    />
  );
}
