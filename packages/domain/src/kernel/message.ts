import type { z } from "zod";

/** A message table: the name of each command or event, and the shape of its data. */
export type Table = Readonly<Record<string, z.ZodObject>>;
export type Name<T extends Table> = keyof T & string;

/** A message as a handler receives it: parsed, and for events perhaps erased in its personal fields. */
export type Message<T extends Table> = {
  [K in Name<T>]: { type: K; data: z.output<T[K]> };
}[Name<T>];

/** A message as it is made. An event is made with its personal fields, never without. */
export type NewMessage<T extends Table> = {
  [K in Name<T>]: { type: K; data: z.input<T[K]> };
}[Name<T>];

/** What stands in a personal field after the key of its person was erased. */
export const ERASED = { erased: true } as const;
export type Erased = typeof ERASED;

export const isErased = (value: unknown): value is Erased =>
  typeof value === "object" && value !== null && (value as Partial<Erased>).erased === true;

/** A personal value, or nothing where it was erased. */
export const unlessErased = <T>(value: T | Erased): T | undefined =>
  isErased(value) ? undefined : value;

type Upcast = (data: Record<string, unknown>) => Record<string, unknown>;

const personalSchemas = new WeakSet<z.core.$ZodType>();
const upcastsOf = new WeakMap<z.ZodType, readonly Upcast[]>();

/**
 * Marks a field of an event as personal data: it is stored sealed under the key of the event's
 * subject, and whoever reads the event gets `T | Erased`.
 *
 * @example z.object({ email: personal(z.email()), plan: z.string() })
 */
export function personal<S extends z.ZodType>(
  schema: S,
): z.ZodType<z.output<S> | Erased, z.input<S>> {
  // A copy, so that a schema shared with a command or another event is not marked along with it.
  const marked = schema.clone() as unknown as z.ZodType<z.output<S> | Erased, z.input<S>>;
  personalSchemas.add(marked);
  return marked;
}

/** The names of the fields of an event that are sealed. */
export const personalFields = (schema: z.ZodObject): string[] =>
  Object.entries(schema.shape)
    .filter(([, field]) => isPersonal(field))
    .map(([name]) => name);

/** The mark stays where zod wraps a schema (optional, default, pipe) or copies it (refine, describe). */
function isPersonal(field: z.core.$ZodType): boolean {
  const { def, parent } = field._zod;
  const { innerType, in: input } = def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  const inner = [innerType, input, parent].filter((one) => one !== undefined);
  return personalSchemas.has(field) || inner.some(isPersonal);
}

/**
 * Gives a changed event its history: the nth upcast turns data of schema version n into version
 * n + 1, so that `decide`, `evolve` and projections only ever see the newest shape.
 */
export function versioned<S extends z.ZodObject>(schema: S, ...upcasts: readonly Upcast[]): S {
  upcastsOf.set(schema, upcasts);
  return schema;
}

/** The version under which data of this schema is written: 1, and one more for each upcast. */
export const schemaVersion = (schema: z.ZodObject): number =>
  (upcastsOf.get(schema)?.length ?? 0) + 1;

/** Brings stored data of an older schema version to the newest. Data of a newer one throws. */
export function upcast(
  schema: z.ZodObject,
  version: number,
  data: Record<string, unknown>,
): Record<string, unknown> {
  const upcasts = upcastsOf.get(schema) ?? [];
  if (version > upcasts.length + 1)
    throw new Error(
      `written by schema version ${version}, this program knows ${upcasts.length + 1}`,
    );
  return upcasts.slice(version - 1).reduce((older, up) => up(older), data);
}

/** Made once for each schema: making one costs far more than parsing with it. */
const strictSchemas = new WeakMap<z.ZodObject, z.ZodObject>();

/** Parses the data of a new event, refusing unknown fields: nothing may slip into the history. */
export function parseStrictly(schema: z.ZodObject, data: unknown): Record<string, unknown> {
  const strict = strictSchemas.get(schema) ?? schema.strict();
  strictSchemas.set(schema, strict);
  return strict.parse(data) as Record<string, unknown>;
}
