export * from "./projection.ts";
export * from "./query.ts";
