import { Alert, Button, Group, PasswordInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { z } from "zod";
import { fieldErrors, sentence } from "../api/refusals.ts";
import { fieldLabels, valueTexts } from "../texts.ts";

type Values = Record<string, string>;

type Props<S extends z.ZodObject> = {
  /** The command's own schema: which fields there are, and what is valid. */
  schema: S;
  initial?: Partial<Record<keyof S["shape"] & string, string>>;
  /** Where the catalogue's word for a field is not the right one here. */
  labels?: Partial<Record<keyof S["shape"] & string, string>>;
  help?: Partial<Record<keyof S["shape"] & string, string>>;
  /** For password managers, by field. */
  autoComplete?: Partial<Record<keyof S["shape"] & string, string>>;
  submit: string;
  onSubmit: (data: z.output<S>) => Promise<unknown>;
  onCancel?: () => void;
  /** Told whenever there is something to lose. */
  onDirty?: (dirty: boolean) => void;
};

/** The fields that are not valid as they stand, each with what to do. */
function check(schema: z.ZodObject, values: Values): Values {
  const parsed = schema.safeParse(given(schema, values));
  if (parsed.success) return {};
  return Object.fromEntries(
    parsed.error.issues.map(({ path, message }) => [String(path[0]), message]),
  );
}

/** An optional field that is left empty is left out. */
const given = (schema: z.ZodObject, values: Values) =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== "" || !isOptional(schema, name)),
  );

const isOptional = (schema: z.ZodObject, name: string): boolean =>
  (schema.shape[name] as z.ZodType | undefined)?.safeParse(undefined).success ?? false;

/** Whether an empty field is accepted: then its label says that it may be left so. */
const mayBeEmpty = (schema: z.ZodObject, name: string): boolean =>
  isOptional(schema, name) ||
  ((schema.shape[name] as z.ZodType | undefined)?.safeParse("").success ?? false);

/**
 * A form for a command: its fields, labels and errors come from the command's schema, and what the
 * server refuses stands at the field it concerns.
 */
export function CommandForm<S extends z.ZodObject>(props: Props<S>) {
  const { schema, initial = {}, submit, onSubmit, onCancel, onDirty } = props;
  const names = Object.keys(schema.shape);
  const [refused, setRefused] = useState<string>();
  const [sending, setSending] = useState(false);
  const form = useForm<Values>({
    initialValues: Object.fromEntries(
      names.map((name) => [name, initial[name as keyof typeof initial] ?? ""]),
    ),
    validate: (values) => check(schema, values),
    validateInputOnBlur: true,
    onValuesChange: () => onDirty?.(true),
  });

  const send = form.onSubmit(async (values) => {
    setSending(true);
    setRefused(undefined);
    try {
      await onSubmit(schema.parse(given(schema, values)) as z.output<S>);
      onDirty?.(false);
    } catch (error) {
      const errors = fieldErrors(error);
      const known = Object.keys(errors).some((name) => names.includes(name));
      if (known) form.setErrors(errors);
      else setRefused(sentence(error));
    } finally {
      setSending(false);
    }
  });

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
          <Field key={name} name={name} first={index === 0} form={form} {...props} />
        ))}
        <Group justify="flex-end" gap="xs">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              Cancel
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

type FieldProps<S extends z.ZodObject> = Props<S> & {
  name: string;
  first: boolean;
  form: Pick<ReturnType<typeof useForm<Values>>, "getInputProps">;
};

function Field<S extends z.ZodObject>({ schema, name, first, form, ...props }: FieldProps<S>) {
  const key = name as keyof typeof props.help;
  const options = optionsOf(schema.shape[name] as z.ZodType);
  const optional = !options && mayBeEmpty(schema, name);
  const shared = {
    label: (
      <>
        {props.labels?.[key] ?? fieldLabels[name] ?? name}
        {optional && (
          <Text span size="xs" c="dimmed">
            {" "}
            (optional)
          </Text>
        )}
      </>
    ),
    description: props.help?.[key],
    autoComplete: props.autoComplete?.[key] ?? "off",
    "data-autofocus": first || undefined,
    ...form.getInputProps(name),
  };
  if (options)
    return (
      <Select
        {...shared}
        allowDeselect={false}
        data={options.map((value) => ({ value, label: valueTexts[value] ?? value }))}
      />
    );
  return name === "password" || name === "current" ? (
    <PasswordInput {...shared} />
  ) : (
    <TextInput {...shared} type={name === "email" ? "email" : name === "phone" ? "tel" : "text"} />
  );
}

/** What can be chosen from, where the schema is an enumeration. */
function optionsOf(schema: z.ZodType): string[] | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return optionsOf(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodEnum ? (schema.options as string[]) : undefined;
}
