export * from "./catalogue.ts";
export * from "./decider.ts";
export * from "./message.ts";
export * from "./metadata.ts";
export * from "./refusal.ts";
