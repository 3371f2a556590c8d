export * from "./reaction.ts";
