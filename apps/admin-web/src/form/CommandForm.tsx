import { Alert, Button, Group, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import type { z } from "zod";
import { fieldErrors, sentence } from "../api/refusals.ts";
import { t } from "../texts/index.ts";
import type { FormDeclaration } from "./declaration.ts";
import { Field } from "./Field.tsx";
import { given, problems, type Values } from "./values.ts";

type Props<S extends z.ZodObject> = {
  form: FormDeclaration<S>;
  onSubmit: (data: z.output<S>) => Promise<unknown>;
  onCancel?: () => void;
  /** Told whenever there is something to lose, or no longer. */
  onDirty?: (dirty: boolean) => void;
};

/**
 * A form for a command: its fields, labels and errors come from the command's schema, and what the
 * server refuses stands at the field it concerns.
 */
export function CommandForm<S extends z.ZodObject>(props: Props<S>) {
  const { form: declared, onSubmit, onCancel, onDirty } = props;
  const { schema, initial = {}, submit } = declared;
  const names = Object.keys(schema.shape);
  const [refused, setRefused] = useState<string>();
  const [sending, setSending] = useState(false);
  const form = useForm<Values>({
    initialValues: Object.fromEntries(
      names.map((name) => [name, initial[name as keyof typeof initial] ?? ""]),
    ),
    validate: (values) => problems(schema, values),
    validateInputOnBlur: true,
    onValuesChange: () => onDirty?.(true),
  });

  const send = form.onSubmit(
    async (values) => {
      setSending(true);
      setRefused(undefined);
      try {
        await onSubmit(schema.parse(given(schema, values)) as z.output<S>);
        onDirty?.(false);
      } catch (error) {
        const errors = fieldErrors(error);
        const first = names.find((name) => name in errors);
        if (first) form.setErrors(errors);
        if (first) form.getInputNode(first)?.focus();
        else setRefused(sentence(error));
      } finally {
        setSending(false);
      }
    },
    // Whoever cannot see the errors is taken to the first of them.
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? "")?.focus(),
  );

  return (
    <form
      onSubmit={send}
      noValidate
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
          event.currentTarget.requestSubmit();
      }}
    >
      <Stack gap="md">
        {refused && (
          <Alert color="red" role="alert">
            {refused}
          </Alert>
        )}
        {names.map((name, index) => (
          <Field
            key={name}
            name={name}
            form={declared}
            input={form.getInputProps(name)}
            first={index === 0}
          />
        ))}
        <Group justify="flex-end" gap="xs">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t.cancel}
            </Button>
          )}
          <Button type="submit" loading={sending} fullWidth={!onCancel}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
