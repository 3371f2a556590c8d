import { accountRequests, role, userCommands } from "@daybook/domain";
import type { PersonRow } from "@daybook/projections";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { v7 } from "uuid";
import { z } from "zod";
import { client, trpc } from "../api/client.ts";
import { refusalCode } from "../api/refusals.ts";
import { noteSeen } from "../api/seen.ts";
import { CommandForm } from "../ui/CommandForm.tsx";
import { Differences } from "../ui/Differences.tsx";
import { Panel } from "../ui/Panel.tsx";
import { shown } from "../ui/Value.tsx";

/** Several commands behind one form: each field belongs to the one that changes it. */
const personForm = z.object({
  ...userCommands.RenameUser.shape,
  ...accountRequests.changeEmail.shape,
  ...userCommands.ChangeUserPhone.shape,
  role,
});
type Values = z.output<typeof personForm>;

const valuesOf = (person: PersonRow): Values => ({
  firstName: shown(person.firstName),
  lastName: shown(person.lastName),
  email: shown(person.email),
  phone: person.phone === "" ? "" : shown(person.phone),
  role: person.role,
});

/** Sends what was changed, each command with the revision that the form showed. */
async function save(person: PersonRow, before: Values, after: Values) {
  const { id } = person;
  let { userRevision, membershipRevision } = person;
  const changed = (...fields: (keyof Values)[]) =>
    fields.some((field) => before[field] !== after[field]);
  const onUser = () => ({ id, commandId: v7(), revision: userRevision });
  const took = (answer: { revision: number; position: number }) => {
    noteSeen(answer.position);
    return answer.revision;
  };
  const { firstName, lastName, email, phone } = after;
  if (changed("firstName", "lastName"))
    userRevision = took(
      await client.people.rename.mutate({ ...onUser(), data: { firstName, lastName } }),
    );
  if (changed("email"))
    userRevision = took(await client.people.changeEmail.mutate({ ...onUser(), data: { email } }));
  if (changed("phone"))
    userRevision = took(await client.people.changePhone.mutate({ ...onUser(), data: { phone } }));
  if (changed("role"))
    membershipRevision = took(
      await client.people.changeRole.mutate({
        id,
        commandId: v7(),
        revision: membershipRevision,
        data: { role: after.role },
      }),
    );
}

type Props = { person: PersonRow; opened: boolean; onClose: () => void; isSelf: boolean };

export function EditPerson({ person, opened, onClose, isSelf }: Props) {
  const queryClient = useQueryClient();
  // What the form showed when it was opened, while the page behind it goes on.
  const [base, setBase] = useState(person);
  const [conflict, setConflict] = useState<{ theirs: PersonRow; mine: Values }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only opening starts afresh.
  useEffect(() => {
    if (opened) setBase(person);
    setConflict(undefined);
  }, [opened]);

  const done = async (close: () => void) => {
    await queryClient.invalidateQueries();
    close();
    notifications.show({ message: "The changes are saved." });
  };

  /** Saves over `from`; where somebody was faster, shows what they changed. */
  const submit = async (from: PersonRow, values: Values, close: () => void) => {
    try {
      await save(from, valuesOf(from), values);
    } catch (error) {
      if (refusalCode(error) !== "revision/changed") throw error;
      const theirs = await client.people.get.query({ id: person.id });
      const touched = Object.entries(valuesOf(theirs)).some(
        ([field, value]) => value !== valuesOf(from)[field as keyof Values],
      );
      // What changed is not in this form (a reset, say): there is nothing to decide.
      if (!touched) return submit(theirs, values, close);
      setConflict({ theirs, mine: values });
      return;
    }
    await done(close);
  };

  const { role: _, ...withoutRole } = personForm.shape;
  const schema = isSelf ? z.object(withoutRole) : personForm;
  return (
    <Panel title="Edit person" opened={opened} onClose={onClose}>
      {({ close, onDirty }) =>
        conflict ? (
          <Differences
            base={valuesOf(base)}
            theirs={valuesOf(conflict.theirs)}
            mine={conflict.mine}
            onTheirs={() => {
              queryClient.invalidateQueries({ queryKey: trpc.people.pathKey() });
              close();
            }}
            onMine={() => submit(conflict.theirs, conflict.mine, close)}
          />
        ) : (
          <CommandForm
            schema={schema}
            initial={valuesOf(base)}
            help={{ email: "They sign in with it, and mail goes there." }}
            submit="Save"
            onCancel={close}
            onDirty={onDirty}
            onSubmit={(values) => submit(base, { ...valuesOf(base), ...values }, close)}
          />
        )
      }
    </Panel>
  );
}
