/** Why a command or a query was refused; one exhaustive map per transport turns it into a code. */
export type RefusalKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "limited"
  | "unavailable";

/** A rule was broken. `code` is stable, named `feature/reason`; `details` never holds secrets. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: RefusalKind;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(kind: RefusalKind, code: string, details: Record<string, unknown> = {}) {
    super(code);
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}

const refusal =
  (kind: RefusalKind) =>
  (code: string, details?: Record<string, unknown>): Refusal =>
    new Refusal(kind, code, details);

export const invalid = refusal("invalid");
export const unauthenticated = refusal("unauthenticated");
export const forbidden = refusal("forbidden");
export const notFound = refusal("not-found");
export const conflict = refusal("conflict");
export const limited = refusal("limited");
export const unavailable = refusal("unavailable");
