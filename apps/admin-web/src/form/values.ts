import { z } from "zod";

/** What is typed, as it is typed. */
export type Values = Record<string, string>;

const fieldOf = (schema: z.ZodObject, name: string) => schema.shape[name] as z.ZodType | undefined;

const isOptional = (schema: z.ZodObject, name: string): boolean =>
  fieldOf(schema, name)?.safeParse(undefined).success ?? false;

/** Whether an empty field is accepted: then its label says that it may be left so. */
export const mayBeEmpty = (schema: z.ZodObject, name: string): boolean =>
  isOptional(schema, name) || (fieldOf(schema, name)?.safeParse("").success ?? false);

/** An optional field that is left empty is left out. */
export const given = (schema: z.ZodObject, values: Values) =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== "" || !isOptional(schema, name)),
  );

/** The fields that are not valid as they stand, each with what to do. */
export function problems(schema: z.ZodObject, values: Values): Values {
  const parsed = schema.safeParse(given(schema, values));
  if (parsed.success) return {};
  return Object.fromEntries(
    parsed.error.issues.map(({ path, message }) => [String(path[0]), message]),
  );
}

/** What can be chosen from, where the schema is an enumeration. */
export function optionsOf(schema: z.ZodType | undefined): string[] | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return optionsOf(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodEnum ? (schema.options as string[]) : undefined;
}
