import { z } from "zod";

/** Text that people type and others read: trimmed, in one Unicode form, on one line. */
export const plainText = (max: number) =>
  z
    .string()
    .trim()
    .normalize("NFC")
    .max(max, `At most ${max} characters`)
    .regex(/^\P{Cc}*$/u, "No control characters");
