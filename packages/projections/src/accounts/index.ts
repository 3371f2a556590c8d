export * from "./accounts.ts";
export * from "./history.ts";
export * from "./memberships.ts";
export * from "./people.ts";
