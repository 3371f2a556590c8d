export * from "./mail.ts";
export * from "./reaction.ts";
