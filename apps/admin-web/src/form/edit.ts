import type { z } from "zod";
import type { FormDeclaration } from "./declaration.ts";
import type { Values } from "./values.ts";

/** One of the commands behind a form that edits: which fields it changes, and how it is sent. */
export type Part<R> = {
  fields: readonly string[];
  /** Sends the fields over the revision that `row` was read at, and answers the row after it. */
  save: (row: R, values: Values) => Promise<R>;
};

/** A form that edits something there is: several commands behind it, each with fields of its own. */
export type EditDeclaration<R, S extends z.ZodObject> = Omit<FormDeclaration<S>, "initial"> & {
  title: string;
  valuesOf: (row: R) => Values;
  parts: readonly Part<R>[];
  /** Reads it as it is now, where somebody else was faster. */
  read: (row: R) => Promise<R>;
  /** What is said when all is saved. */
  done: string;
};

export const changedFields = (before: Values, after: Values): string[] =>
  Object.keys(after).filter((field) => before[field] !== after[field]);

/**
 * Sends what was changed, each command with the revision that the form showed. `onSaved` is told the
 * row after each: where one is refused, those before it hold.
 */
export async function saveParts<R>(
  parts: readonly Part<R>[],
  row: R,
  changed: readonly string[],
  values: Values,
  onSaved?: (row: R) => void,
): Promise<void> {
  let latest = row;
  for (const { fields, save } of parts) {
    if (!fields.some((field) => changed.includes(field))) continue;
    latest = await save(latest, values);
    onSaved?.(latest);
  }
}
