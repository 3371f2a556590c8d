export * from "./projection.ts";
export * from "./query.ts";
export * from "./searchable.ts";
