import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../api/refusals.ts";
import { useSignedIn } from "../app/session.ts";
import { t } from "../texts/index.ts";
import { useDialog } from "../ui/dialog.ts";
import { SecretOnce } from "../ui/SecretOnce.tsx";
import type { Action } from "./declaration.ts";
import { Preview, Results } from "./Outcomes.tsx";
import { usePerform } from "./perform.ts";
import { tell } from "./undo.tsx";

type Props<R> = {
  action: Action<R>;
  rows: readonly R[];
  nameOf: (row: R) => string;
  counted: (count: number) => string;
  onClose: () => void;
  /** It was done about all about whom it could be. */
  onDone?: (() => void) | undefined;
};

/** Asks before something that others will notice, says what will happen, and then what did. */
export function ActionDialog<R>(props: Props<R>) {
  const { action, rows, nameOf, counted, onClose, onDone } = props;
  useDialog();
  const me = useSignedIn();
  const [reason, setReason] = useState("");
  const [secrets, setSecrets] = useState<readonly (readonly [string, string])[]>();
  const { results, perform } = usePerform<R>();
  // What was asked about, though the list behind goes on.
  const [plan] = useState(() => rows.map((row) => ({ row, obstacle: action.obstacle?.(row, me) })));
  const able = plan.filter(({ obstacle }) => !obstacle).map(({ row }) => row);
  const called = (some: readonly R[]) =>
    some.length === 1 ? nameOf(some[0] as R) : counted(some.length);
  const isRunning = results?.some(({ state }) => state === "waiting" || state === "running");
  const failed = results?.filter((result) => result.state === "failed") ?? [];

  async function act(about: readonly R[]) {
    const ended = await perform(about, (row) => action.run(row, reason.trim() || undefined));
    const done = ended.filter((result) => result.state === "done");
    const { undo } = action;
    const takeBack = undo && (() => Promise.all(done.map(({ row }) => undo(row))));
    if (done.length > 0) tell(action.done(called(done.map(({ row }) => row))), takeBack);
    const shown = done.flatMap(({ row, outcome: { temporaryPassword } }) =>
      temporaryPassword ? [[nameOf(row), temporaryPassword] as const] : [],
    );
    if (shown.length > 0) setSecrets(shown);
    else if (done.length === ended.length) onClose();
    if (done.length === ended.length) onDone?.();
  }

  if (secrets) return <SecretOnce secrets={secrets} onClose={onClose} />;
  return (
    <Modal
      opened
      onClose={() => isRunning || onClose()}
      title={action.title(called(able.length > 0 ? able : rows))}
      closeButtonProps={{ "aria-label": t.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act(results ? failed.map(({ row }) => row) : able);
        }}
      >
        <Stack gap="md">
          {able.length > 0 && !results && <Text size="sm">{action.consequence(called(able))}</Text>}
          {!results && (
            <Preview plan={plan} label={action.label} icon={action.icon} nameOf={nameOf} />
          )}
          {results && rows.length > 1 && <Results results={results} nameOf={nameOf} />}
          {rows.length === 1 && failed[0] && (
            <Alert color="red" role="alert">
              {sentence(failed[0].error)}
            </Alert>
          )}
          {able.length > 0 && !results && (
            <TextInput
              label={t.reason.label}
              description={t.reason.help}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose} disabled={isRunning === true}>
              {results ? t.close : t.cancel}
            </Button>
            {able.length > 0 && (!results || isRunning || failed.length > 0) && (
              <Button
                type="submit"
                loading={isRunning === true}
                {...(action.danger && { color: "red" })}
              >
                {failed.length > 0 ? t.tryAgain : action.label}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
