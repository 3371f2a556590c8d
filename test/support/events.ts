import type { NewEvent } from "@daybook/adapters";

let made = 0;

/** An event as a command of Ada's would make it, about Grace, under an id of its own. */
export function newEvent(
  type: string,
  data: Record<string, unknown>,
  meta: Partial<NewEvent["meta"]> = {},
): NewEvent {
  const id = `019b7a2c-6c00-7000-8000-${(++made).toString(16).padStart(12, "0")}`;
  return {
    id,
    type,
    data,
    meta: {
      at: "2026-01-01T12:00:00.000Z",
      actor: { kind: "user", id: "ada" },
      organization: "acme",
      subject: "grace",
      commandId: id,
      correlationId: id,
      schemaVersion: 1,
      ...meta,
    },
  };
}
