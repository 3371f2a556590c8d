import { useState } from "react";
import type { z } from "zod";
import { tell } from "../actions/undo.tsx";
import { queryClient } from "../api/client.ts";
import { refusalCode } from "../api/refusals.ts";
import { CommandForm } from "./CommandForm.tsx";
import { Differences } from "./Differences.tsx";
import { changedFields, type EditDeclaration, saveParts } from "./edit.ts";
import { Panel } from "./Panel.tsx";
import type { Values } from "./values.ts";

type Props<R, S extends z.ZodObject> = {
  edit: EditDeclaration<R, S>;
  /** As the page shows it. */
  row: R;
  opened: boolean;
  onClose: () => void;
};

/** Edits something that others may be editing too: who saves second sees what the other changed. */
export function EditPanel<R, S extends z.ZodObject>(props: Props<R, S>) {
  const { edit, row, opened, onClose } = props;
  return (
    <Panel title={edit.title} opened={opened} onClose={onClose}>
      {(panel) => <Editing edit={edit} row={row} {...panel} />}
    </Panel>
  );
}

type EditingProps<R, S extends z.ZodObject> = Pick<Props<R, S>, "edit" | "row"> & {
  close: () => void;
  onDirty: (dirty: boolean) => void;
};

function Editing<R, S extends z.ZodObject>({ edit, row, close, onDirty }: EditingProps<R, S>) {
  const { valuesOf, parts, read, done } = edit;
  // What the form showed when it was opened, while the page behind it goes on.
  const [base, setBase] = useState(row);
  const [conflict, setConflict] = useState<{ theirs: R; mine: Values }>();

  /** Saves over `from`; where somebody was faster, shows what they changed. */
  async function submit(from: R, values: Values): Promise<void> {
    let latest = from;
    const changed = changedFields(valuesOf(from), values);
    try {
      await saveParts(parts, from, changed, values, (saved) => {
        latest = saved;
      });
    } catch (error) {
      if (refusalCode(error) !== "revision/changed") throw error;
      const theirs = await read(from);
      // What changed is not in this form: there is nothing to decide.
      if (changedFields(valuesOf(latest), valuesOf(theirs)).length === 0)
        return submit(theirs, values);
      setBase(latest);
      setConflict({ theirs, mine: values });
      return;
    }
    await queryClient.invalidateQueries();
    onDirty(false);
    close();
    // Back to what it was, by the same commands, over what it is now.
    const before = valuesOf(from);
    tell(done, async () => {
      const now = await read(from);
      await saveParts(parts, now, changed, { ...valuesOf(now), ...pick(before, changed) });
    });
  }

  if (conflict)
    return (
      <Differences
        base={valuesOf(base)}
        theirs={valuesOf(conflict.theirs)}
        mine={conflict.mine}
        onKeep={() => {
          queryClient.invalidateQueries();
          onDirty(false);
          close();
        }}
        onSave={(values) => submit(conflict.theirs, values)}
      />
    );
  return (
    <CommandForm
      form={{ ...edit, initial: valuesOf(base) as never }}
      onCancel={close}
      onDirty={onDirty}
      onSubmit={(data) => submit(base, { ...valuesOf(base), ...(data as unknown as Values) })}
    />
  );
}

const pick = (values: Values, fields: readonly string[]): Values =>
  Object.fromEntries(fields.map((field) => [field, values[field] as string]));
