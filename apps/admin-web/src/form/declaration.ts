import type { z } from "zod";

type FieldOf<S extends z.ZodObject> = keyof S["shape"] & string;
type ByField<S extends z.ZodObject> = Readonly<Partial<Record<FieldOf<S>, string>>>;

/** Everything that a form says for itself; its fields and what is valid come from the schema. */
export type FormDeclaration<S extends z.ZodObject> = {
  /** The command's own schema. */
  schema: S;
  submit: string;
  initial?: ByField<S>;
  /** Where the catalogue's word for a field is not the right one here. */
  labels?: ByField<S>;
  help?: ByField<S>;
  /** For password managers, by field. */
  autoComplete?: ByField<S>;
};

/** Lets the compiler see that what is said of fields is said of the schema's. */
export const defineForm = <S extends z.ZodObject>(form: FormDeclaration<S>): FormDeclaration<S> =>
  form;
