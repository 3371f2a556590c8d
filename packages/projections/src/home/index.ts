export * from "./headcounts.ts";
export * from "./mail-counts.ts";
export * from "./sign-in-hours.ts";
