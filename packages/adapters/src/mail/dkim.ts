import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Config, ConfigError } from "../config.ts";

/** The key file as nodemailer signs with it. Throws ConfigError where it holds no RSA key. */
export function signing({ domain, selector, keyFile }: NonNullable<Config["dkim"]>) {
  try {
    const privateKey = readFileSync(keyFile, "utf8");
    const { asymmetricKeyType } = createPrivateKey(privateKey);
    // All receivers know RSA; many do not know the other kind there is.
    if (asymmetricKeyType !== "rsa") throw new Error(`an ${asymmetricKeyType} key, and not RSA`);
    return { domainName: domain, keySelector: selector, privateKey };
  } catch (error) {
    throw new ConfigError(
      `MAIL_DKIM_KEY: ${keyFile} is not a private key to sign with (${(error as Error).message}).`,
    );
  }
}
