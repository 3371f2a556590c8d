import { PasswordInput, Skeleton, Text, Textarea, TextInput } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { z } from "zod";
import { t } from "../texts/index.ts";
import type { FormDeclaration } from "./declaration.ts";
import { mayBeEmpty, optionsOf } from "./values.ts";

const Choice = lazy(() => import("./Choice.tsx"));

/** As high as a field with its label, so that nothing jumps. */
const coming = <Skeleton height={60} />;

const labels: Readonly<Record<string, string>> = t.fields;
const words: Readonly<Record<string, string>> = t.values;

/** How browsers and phones treat what is typed into a field of this name. */
const types: Readonly<Record<string, string>> = { email: "email", phone: "tel" };
const secret = new Set(["password", "current"]);
const long = new Set(["description", "reason"]);

type Props<S extends z.ZodObject> = {
  name: string;
  form: FormDeclaration<S>;
  /** Its value and what becomes of it, as Mantine's form gives them. */
  input: object;
  /** Whether it gets the keyboard when the form opens. */
  first: boolean;
};

/** One field, in the shape that its schema asks for. */
export function Field<S extends z.ZodObject>({ name, form, input, first }: Props<S>) {
  const { schema } = form;
  const key = name as keyof typeof form.help;
  const options = optionsOf(schema.shape[name] as z.ZodType);
  const shared = {
    label: (
      <>
        {form.labels?.[key] ?? labels[name] ?? name}
        {!options && mayBeEmpty(schema, name) && (
          <Text span size="xs" c="dimmed">
            {` ${t.form.optional}`}
          </Text>
        )}
      </>
    ),
    description: form.help?.[key],
    autoComplete: form.autoComplete?.[key] ?? "off",
    "data-autofocus": first || undefined,
    ...input,
  };
  if (options)
    return (
      <Suspense fallback={coming}>
        <Choice
          {...shared}
          allowDeselect={false}
          data={options.map((value) => ({ value, label: words[value] ?? value }))}
        />
      </Suspense>
    );
  if (secret.has(name)) return <PasswordInput {...shared} />;
  if (long.has(name)) return <Textarea {...shared} autosize minRows={3} />;
  return <TextInput {...shared} type={types[name] ?? "text"} />;
}
