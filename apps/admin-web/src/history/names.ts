import type { TimelineEntry } from "@daybook/projections";
import { nameOf } from "../accounts/person-actions.tsx";
import { useSignedIn } from "../app/session.ts";
import { t } from "../texts/index.ts";

type Named = Parameters<typeof nameOf>[0];

/** The people that entries speak of, as far as they belong to the organization. */
export type Names = Readonly<Record<string, Named>>;

/** Who did it and to whom, in words. */
export function useNames() {
  const me = useSignedIn();
  return {
    actor: ({ actor: { kind, id } }: Pick<TimelineEntry, "actor">, names: Names): string => {
      if (id === me.user.id) return t.history.you;
      const named = names[id];
      if (named) return nameOf(named);
      if (kind !== "system") return t.history.outsider;
      return id === "sign-in" ? t.history.somebody : t.product;
    },
    subject: ({ subject, actor }: TimelineEntry, names: Names): string => {
      if (subject === me.user.id) return t.history.yourself;
      if (subject === actor.id) return t.history.themselves;
      const named = names[subject];
      return named ? nameOf(named) : t.history.someone;
    },
  };
}
