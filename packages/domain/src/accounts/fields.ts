import { z } from "zod";
import { plainText } from "../fields.ts";

/** The shapes of what people type; forms, procedures and commands share them and their messages. */

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, "At most 254 characters")
  .pipe(z.email("Enter an e-mail address such as name@example.com"));

export const username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{2,63}$/, "3 to 64 letters, digits, dots, hyphens or underscores");

export const personName = plainText(100).min(1, "Enter a name");

export const phone = z
  .string()
  .trim()
  .regex(/^(\+?[0-9][0-9 ()./-]{4,29})?$/, "Enter a phone number such as +44 20 7946 0958");

export const reason = plainText(500);

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;

/** Length is counted in code points, as NIST SP 800-63B-4, 3.1.1.2 asks; nothing is cut off. */
export const password = z
  .string()
  .max(PASSWORD_MAX * 8)
  .normalize("NFC")
  .refine((value) => [...value].length >= PASSWORD_MIN, `At least ${PASSWORD_MIN} characters`)
  .refine((value) => [...value].length <= PASSWORD_MAX, `At most ${PASSWORD_MAX} characters`);

/** A password as it is tried, not as it is chosen: anything, within a bound. */
export const triedPassword = z
  .string()
  .min(1, "Enter the password")
  .max(PASSWORD_MAX * 8)
  .normalize("NFC");

/** What a person types to say who they are: an e-mail address or a username. */
export const signInName = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Enter your e-mail address or username")
  .max(254);
