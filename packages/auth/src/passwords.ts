import { type Algorithm, hash, verify } from "@node-rs/argon2";

/** Argon2id (RFC 9106) with OWASP's first choice: 19 MiB, 2 passes, 1 lane; about 10 ms a core. */
const parameters = {
  // The package's enum has no value at run time.
  algorithm: 2 as Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};

/** The PHC string of a new password, with a salt and the parameters in it. */
export const hashPassword = (password: string): Promise<string> => hash(password, parameters);

let decoy: Promise<string> | undefined;

/**
 * Whether this is the password. Without a hash (there is no such account) it takes just as long, so
 * that the time does not tell who has one.
 */
export async function verifyPassword(
  hashed: string | undefined,
  password: string,
): Promise<boolean> {
  decoy ??= hashPassword("the password of nobody");
  const matches = await verify(hashed ?? (await decoy), password);
  return hashed !== undefined && matches;
}
