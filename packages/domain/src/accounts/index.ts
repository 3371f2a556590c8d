export * from "./claim.ts";
export * from "./commands.ts";
export * from "./events.ts";
export * from "./fields.ts";
export * from "./membership.ts";
export * from "./password-rules.ts";
export * from "./sign-in.ts";
export * from "./user.ts";
