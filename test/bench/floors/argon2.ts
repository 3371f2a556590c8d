import { hashPassword, verifyPassword } from "@daybook/auth";
import { rateOf } from "../measure.ts";

/** Passwords verified each second, by the very function that a sign-in calls. */

const password = "four wooden horses at noon";
const hashed = hashPassword(password);

process.on("message", async ({ forMs, atOnce }: { forMs: number; atOnce: number }) => {
  const hash = await hashed;
  process.send?.({ result: await rateOf(forMs, atOnce, () => verifyPassword(hash, password)) });
});
