export * from "./passwords.ts";
export * from "./secrets.ts";
export * from "./sessions.ts";
