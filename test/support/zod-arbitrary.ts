import fc from "fast-check";
import type { z } from "zod";

/** What is drawn where a schema leaves it open. */
export type Draws = {
  /** Strings that no rule narrows. */
  text: fc.Arbitrary<string>;
  /** Instants in ISO 8601. */
  moment: fc.Arbitrary<string>;
  /** Fields whose values must relate to others: by their name, in place of what the schema says. */
  named: Readonly<Record<string, fc.Arbitrary<unknown>>>;
};

const moments = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

const anyText = fc.string({ unit: "grapheme" });

/** Long enough for every rule about a least length, and short enough for every other. */
const ruled = fc.string({ unit: "grapheme", minLength: 12, maxLength: 40 });

const matched = new Map<string, fc.Arbitrary<string>>();

/** Made once for each pattern: one that names classes of Unicode takes a second to make. */
function matching(pattern: RegExp): fc.Arbitrary<string> {
  const known = matched.get(String(pattern)) ?? fc.stringMatching(pattern);
  matched.set(String(pattern), known);
  return known;
}

type Def = {
  type: string;
  pattern?: RegExp;
  format?: string;
  checks?: z.core.$ZodCheck[];
  shape?: Record<string, z.core.$ZodType>;
  innerType?: z.core.$ZodType;
  out?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  entries?: Record<string, string>;
  values?: unknown[];
};
type CheckDef = {
  check: string;
  pattern?: RegExp;
  value?: number;
  minimum?: number;
  maximum?: number;
};

const defOf = (schema: z.core.$ZodType) => schema._zod.def as unknown as Def;
const checksOf = ({ checks = [] }: Def) =>
  checks.map(({ _zod }) => _zod.def as unknown as CheckDef);
const mayBeMissing = (schema: z.core.$ZodType) =>
  ["optional", "default"].includes(defOf(schema).type);

function strings(schema: z.core.$ZodType, { text, moment }: Draws): fc.Arbitrary<string> {
  const def = defOf(schema);
  const checks = checksOf(def);
  if (def.format === "datetime") return moment;
  const pattern = def.pattern ?? checks.find((check) => check.pattern)?.pattern;
  if (!pattern && checks.length === 0) return text;
  const drawn = pattern ? matching(pattern) : ruled;
  return drawn.filter((value) => (schema as z.ZodType).safeParse(value).success);
}

function integers(def: Def): fc.Arbitrary<number> {
  const bound = (name: string) => checksOf(def).find(({ check }) => check === name)?.value;
  return fc.integer({
    min: bound("greater_than") ?? Number.MIN_SAFE_INTEGER,
    max: bound("less_than") ?? Number.MAX_SAFE_INTEGER,
  });
}

function lists(def: Def, draws: Draws): fc.Arbitrary<unknown[]> {
  const checks = checksOf(def);
  return fc.array(valid(def.element as z.core.$ZodType, draws), {
    minLength: checks.find(({ minimum }) => minimum !== undefined)?.minimum ?? 0,
    maxLength: checks.find(({ maximum }) => maximum !== undefined)?.maximum ?? 10,
  });
}

function objects(shape: Record<string, z.core.$ZodType>, draws: Draws) {
  const fields = Object.entries(shape).map(([name, field]) => [
    name,
    draws.named[name] ?? valid(field, draws),
  ]);
  const requiredKeys = Object.keys(shape).filter((name) => !mayBeMissing(shape[name] as never));
  return fc.record<Record<string, unknown>, string>(Object.fromEntries(fields), {
    requiredKeys,
    noNullPrototype: true,
  });
}

function valid(schema: z.core.$ZodType, draws: Draws): fc.Arbitrary<unknown> {
  const def = defOf(schema);
  const inner = () => valid(def.innerType as z.core.$ZodType, draws);
  switch (def.type) {
    case "string":
      return strings(schema, draws);
    case "number":
      return integers(def);
    case "boolean":
      return fc.boolean();
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "optional":
    case "default":
      return inner();
    case "pipe":
      return valid(def.out as z.core.$ZodType, draws).filter(
        (value) => (schema as z.ZodType).safeParse(value).success,
      );
    case "record":
      return fc.dictionary(draws.text, valid(def.valueType as z.core.$ZodType, draws), {
        noNullPrototype: true,
        maxKeys: 5,
      });
    case "array":
      return lists(def, draws);
    case "object":
      return objects(def.shape ?? {}, draws);
    default:
      throw new Error(`no way to draw what zod calls ${def.type}`);
  }
}

/**
 * Values that a schema accepts, as they are before it has parsed them. A kind of schema that is not
 * known throws: it asks for a line here.
 *
 * @example arbitraryOf(membershipCommands.AddMember, { named: { user: fc.constantFrom("ada") } })
 */
export const arbitraryOf = (
  schema: z.core.$ZodType,
  { text = anyText, moment = moments, named = {} }: Partial<Draws> = {},
): fc.Arbitrary<Record<string, unknown>> =>
  valid(schema, { text, moment, named }) as fc.Arbitrary<Record<string, unknown>>;
