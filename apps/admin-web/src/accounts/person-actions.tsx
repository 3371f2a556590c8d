import type { PersonRow } from "@daybook/projections";
import { IconKey, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import type { Action } from "../actions/declaration.ts";
import { client } from "../api/client.ts";
import { send } from "../api/command.ts";
import type { Me } from "../app/session.ts";
import { t } from "../texts/index.ts";
import { shown } from "../ui/Value.tsx";

export const nameOf = ({ firstName, lastName }: Pick<PersonRow, "firstName" | "lastName">) =>
  `${shown(firstName)} ${shown(lastName)}`;

const icon = { size: 16, stroke: 1.6, "aria-hidden": true };

const unlessSelf =
  (obstacle: (person: PersonRow) => string | undefined) => (person: PersonRow, me: Me) =>
    person.id === me.user.id ? t.people.actions.self : obstacle(person);

const deactivate = ({ id }: PersonRow, reason?: string) =>
  send(client.people.deactivate.mutate, { id, data: {}, reason });

const reactivate = ({ id }: PersonRow, reason?: string) =>
  send(client.people.reactivate.mutate, { id, data: {}, reason });

const shared = { permission: "people:write" } as const;

/** What an administrator can do about people. */
export const personActions: readonly Action<PersonRow>[] = [
  {
    ...{ ...shared, ...t.people.actions.resetPassword, name: "reset-password" },
    icon: <IconKey {...icon} />,
    obstacle: unlessSelf(() => undefined),
    run: ({ id }, reason) => send(client.people.resetPassword.mutate, { id, data: {}, reason }),
  },
  {
    ...{ ...shared, ...t.people.actions.deactivate, name: "deactivate" },
    icon: <IconUserOff {...icon} />,
    danger: true,
    obstacle: unlessSelf(({ status }) =>
      status === "active" ? undefined : t.people.actions.isInactive,
    ),
    run: deactivate,
    undo: reactivate,
  },
  {
    ...{ ...shared, ...t.people.actions.reactivate, name: "reactivate" },
    icon: <IconUserCheck {...icon} />,
    obstacle: unlessSelf(({ status }) =>
      status === "inactive" ? undefined : t.people.actions.isActive,
    ),
    run: reactivate,
    undo: deactivate,
  },
];
